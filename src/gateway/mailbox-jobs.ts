import { AppError, toAppError } from '../domain/app-error';
import { largestRawMb } from '../domain/limits';
import { endFrame, errorFrame, frameBuffer, partFrame, protocolFrame } from '../mail/frames';
import { type Interrupter, interrupter } from '../mail/interrupter';
import type { Part, PartedMailbox } from '../mail/parts';
import {
  type Answer,
  type MailboxCredentials,
  type MailboxSettings,
  type Operation,
  type RequestOf,
  toWireError,
  type Values,
} from '../mail/wire';
import type { OpenSession, PooledSession, Talk } from './job-talk';
import { troubleOf } from './logging';
import { withoutSecrets } from './server-words';
import type { Lease, SessionPool } from './session-pool';

export interface MailboxJobs {
  pool: SessionPool<PooledSession<PartedMailbox>>;
  open: OpenSession<MailboxSettings, MailboxCredentials, PartedMailbox>;
  /** Milliseconds for one request. */
  requestMs: number;
}

/** Whatever a request allows, no larger mail is read: a mail server may make us hold all of it. */
const largestMailBytes = largestRawMb * 1024 * 1024;

const operations: {
  readonly [K in keyof Values]: (mailbox: PartedMailbox, request: RequestOf<K>) => Promise<Values[K]>;
} = {
  check: async (mailbox, { credentials }) => withoutSecrets(credentials).report(await mailbox.check()),
  folders: (mailbox) => mailbox.folders(),
  estimate: (mailbox, { start }) => mailbox.estimate(start),
  begin: (mailbox, { start }) => mailbox.begin(start),
  preview: (mailbox, { handles }) => mailbox.preview(handles),
  list: (mailbox, { position, limit }) => mailbox.list(position, limit),
  settle: (mailbox, { handles, action, moveTo }) => mailbox.settle(handles, action, moveTo),
};

type Leased = Lease<PooledSession<PartedMailbox>>;

/** Works on one request of `/v1/mailbox`, with a session of the pool. */
export async function runMailboxJob<K extends Operation>(
  { pool, open, requestMs }: MailboxJobs,
  { operation, body, bytes }: { operation: K; body: RequestOf<K>; bytes: number },
  talk: Talk,
): Promise<void> {
  const { settings, credentials, debug } = body;
  const lease = pool.acquire(talk.owner.installationId, [settings, credentials], () =>
    open(settings, credentials, talk.owner),
  );
  if (lease === null) return talk.refuse();
  if (debug) lease.session.protocol.start();
  const time = timeLimit(requestMs, talk.ends);
  try {
    // What was parsed is the type of this operation's schema; TypeScript does not see through the index.
    if (operation === 'fetch') await sendFrames(body as RequestOf<'fetch'>, bytes, lease, talk, time);
    else await answer(operation as keyof Values, body as RequestOf<keyof Values>, lease, talk, time);
  } finally {
    time.stop();
  }
  return undefined;
}

async function answer<K extends keyof Values>(
  operation: K,
  body: RequestOf<K>,
  lease: Leased,
  talk: Talk,
  time: TimeLimit,
): Promise<void> {
  const { inner, protocol } = lease.session;
  // Before the session is given back, and another request begins a protocol of its own.
  const takeProtocol = () => (body.debug ? { protocol: protocol.take() } : {});
  const send = (value: Answer) => Buffer.from(JSON.stringify(value));
  try {
    const value = await time.race(operations[operation](inner, body));
    const said = takeProtocol();
    lease.release(true);
    talk.end({ outcome: 'ok', trouble: null }, send({ ok: true, value, ...said }));
  } catch (thrown) {
    const said = takeProtocol();
    const error = fail(lease, thrown);
    const told = withoutSecrets(body.credentials).error(toWireError(error));
    talk.end({ outcome: error.code, trouble: troubleOf(error) }, send({ ok: false, error: told, ...said }));
  }
}

async function sendFrames(
  body: RequestOf<'fetch'>,
  bytes: number,
  lease: Leased,
  talk: Talk,
  time: TimeLimit,
): Promise<void> {
  const buffer = frameBuffer();
  const { inner, protocol } = lease.session;
  const protocolFrames = () => (body.debug ? protocolFrame(protocol.take()) : []);
  const maxBytes = Math.min(body.maxBytes, largestMailBytes);
  const parts = inner.readParts(body.handles, { index: 0, offset: body.offset }, maxBytes, bytes);
  const reading = parts[Symbol.asyncIterator]();
  let error: AppError | null = null;
  let mailBytes = 0;
  try {
    // The next part is on its way while one is sent. Only then are its bytes moved: until it is asked for the next one, the
    // mailbox may still look at them.
    let coming = ask(reading);
    for (let next = await time.race(coming); next.done !== true; next = await time.race(coming)) {
      const part = next.value;
      coming = ask(reading);
      mailBytes += part.outcome === 'part' ? part.bytes.length : 0;
      const pieces = buffer.add(partFrame(part));
      if (pieces.length === 0) continue;
      await time.race(talk.send(pieces, mailBytes));
      mailBytes = 0;
    }
    const said = protocolFrames();
    // Before the end is told: the client asks for more at once, and is to find this session free.
    lease.release(true);
    await talk.send([...buffer.add([...said, ...endFrame()]), ...buffer.flush()], mailBytes);
  } catch (thrown) {
    const said = protocolFrames();
    error = fail(lease, thrown);
    const told = errorFrame(error, withoutSecrets(body.credentials).error);
    await talk.send([...buffer.add([...said, ...told]), ...buffer.flush()], mailBytes).catch(() => {});
  } finally {
    // Reached early when the client went away: the mail server is still sending.
    void reading.return?.().catch(() => {});
    lease.release(false);
  }
  talk.end({ outcome: error?.code ?? 'ok', trouble: error === null ? null : troubleOf(error) }, null);
}

function ask(reading: AsyncIterator<Part>): Promise<IteratorResult<Part>> {
  const next = reading.next();
  // Awaited later; a failure until then must not count as unhandled.
  next.catch(() => {});
  return next;
}

function fail(lease: Leased, thrown: unknown): AppError {
  const error = toAppError(thrown);
  // A session whose access was refused is of no use to the next request, and one out of time may hang.
  lease.release(error.kind !== 'access' && error.code !== 'gateway-timeout' && error.kind !== 'bug');
  return error;
}

interface TimeLimit {
  race<T>(work: Promise<T>): Promise<T>;
  stop(): void;
}

function timeLimit(ms: number, ends: Interrupter): TimeLimit {
  const expiry = interrupter();
  const timer = setTimeout(() => expiry.interrupt(outOfTime(ms)), ms);
  return { race: (work) => ends.race(expiry.race(work)), stop: () => clearTimeout(timer) };
}

const outOfTime = (ms: number) =>
  new AppError(
    'gateway-timeout',
    'transient',
    `The mail server took longer than the ${ms / 1_000} seconds that a request may take. It is tried again.`,
    {
      uncertain: true,
    },
  );
