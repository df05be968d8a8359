import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../domain/app-error';
import { gatewayResponseBytes, largestRawMb } from '../domain/limits';
import { endFrame, errorFrame, frameBuffer, partFrame, protocolFrame } from '../mail/frames';
import type { PartedMailbox } from '../mail/parts';
import type { AddLine } from '../mail/protocol-log';
import {
  type Answer,
  type MailboxCredentials,
  type MailboxSettings,
  type Operation,
  type RequestOf,
  requests,
  toWireError,
  type Values,
} from '../mail/wire';
import { type LoggedSession, loggedSession } from './logged-session';
import { logError } from './logging';
import type { Metrics } from './metrics';
import { withoutSecrets } from './server-words';
import type { Lease, SessionPool } from './session-pool';

export interface MailboxRoutes {
  pool: SessionPool<LoggedSession<PartedMailbox>>;
  open(settings: MailboxSettings, credentials: MailboxCredentials, log: AddLine): PartedMailbox;
  metrics: Metrics;
  /** Milliseconds for one request. */
  requestMs: number;
}

/** Whatever a request allows, no larger mail is read: a part of it would have to be held. */
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

/** `POST /v1/mailbox/<operation>`: see mail/wire.ts. */
export function mailboxRoutes(app: FastifyInstance, { pool, open, metrics, requestMs }: MailboxRoutes): void {
  /** The body of a request and a session for it; undefined when the reply says already why not. */
  function begin<K extends Operation>(operation: K, request: FastifyRequest, reply: FastifyReply) {
    const parsed = requests[operation].safeParse(request.body);
    if (!parsed.success) {
      // Paths only: the values may be secrets.
      const fields = parsed.error.issues.map(({ path }) => path.join('.'));
      void reply.code(400).send({ error: 'The request is malformed.', fields });
      return undefined;
    }
    const { settings, credentials, debug } = parsed.data;
    const lease = pool.acquire(request.installationId, [settings, credentials], () =>
      loggedSession((log) => open(settings, credentials, log)),
    );
    if (lease === null) {
      void reply.code(429).header('retry-after', '5').send({ error: 'Too many sessions are in use.' });
      return undefined;
    }
    if (debug) lease.session.protocol.start();
    // What was parsed is the type of this operation's schema; TypeScript does not see through the index.
    return { body: parsed.data as RequestOf<K>, lease };
  }

  function finish(request: FastifyRequest, lease: Lease<LoggedSession<PartedMailbox>>, thrown: unknown): AppError {
    const error = logError(request.log, thrown);
    request.outcome = error.code;
    // A session whose access was refused is of no use to the next request, and one out of time may hang.
    lease.release(error.kind !== 'access' && error.code !== 'gateway-timeout' && error.kind !== 'bug');
    return error;
  }

  function answerRoute<K extends keyof Values>(operation: K): void {
    app.post(`/${operation}`, async (request, reply): Promise<Answer | FastifyReply> => {
      const begun = begin(operation, request, reply);
      if (begun === undefined) return reply;
      const { session } = begun.lease;
      const clean = withoutSecrets(begun.body.credentials);
      // Before the session is given back, and another request begins a protocol of its own.
      const takeProtocol = () => (begun.body.debug ? { protocol: session.protocol.take() } : {});
      const time = timeLimit(requestMs);
      try {
        const value = await time.race(operations[operation](session.inner, begun.body));
        const protocol = takeProtocol();
        begun.lease.release(true);
        return { ok: true, value, ...protocol };
      } catch (thrown) {
        const protocol = takeProtocol();
        return { ok: false, error: clean.error(toWireError(finish(request, begun.lease, thrown))), ...protocol };
      } finally {
        time.stop();
      }
    });
  }

  answerRoute('check');
  answerRoute('folders');
  answerRoute('estimate');
  answerRoute('begin');
  answerRoute('preview');
  answerRoute('list');
  answerRoute('settle');

  app.post('/fetch', (request, reply) => {
    const begun = begin('fetch', request, reply);
    if (begun === undefined) return reply;
    return reply
      .type('application/octet-stream')
      .send(Readable.from(frames(request, begun.body, begun.lease), { objectMode: false }));
  });

  async function* frames(
    request: FastifyRequest,
    body: RequestOf<'fetch'>,
    lease: Lease<LoggedSession<PartedMailbox>>,
  ): AsyncGenerator<Uint8Array> {
    const time = timeLimit(requestMs);
    const buffer = frameBuffer();
    const from = { index: 0, offset: body.offset };
    const { inner, protocol } = lease.session;
    const protocolFrames = () => (body.debug ? protocolFrame(protocol.take()) : []);
    const maxBytes = Math.min(body.maxBytes, largestMailBytes);
    const parts = inner.readParts(body.handles, from, maxBytes, gatewayResponseBytes)[Symbol.asyncIterator]();
    try {
      for (let next = await time.race(parts.next()); next.done !== true; next = await time.race(parts.next())) {
        if (next.value.outcome === 'part') metrics.mailBytes(next.value.bytes.length);
        yield* buffer.add(partFrame(next.value));
      }
      const said = protocolFrames();
      // Before the end is told: the client asks for more at once, and is to find this session free.
      lease.release(true);
      yield* buffer.add([...said, ...endFrame()]);
      yield* buffer.flush();
    } catch (thrown) {
      const said = protocolFrames();
      yield* buffer.add([
        ...said,
        ...errorFrame(finish(request, lease, thrown), withoutSecrets(body.credentials).error),
      ]);
      yield* buffer.flush();
    } finally {
      // Reached early when the client went away: the mail server is still sending.
      time.stop();
      void parts.return?.().catch(() => {});
      lease.release(false);
    }
  }
}

function timeLimit(ms: number) {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(outOfTime(ms)), ms);
  });
  expiry.catch(() => {});
  return { race: <T>(work: Promise<T>): Promise<T> => Promise.race([work, expiry]), stop: () => clearTimeout(timer) };
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
