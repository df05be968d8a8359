import { AppError, toAppError } from '../domain/app-error';
import type { Mailer } from '../domain/mailer';
import {
  decodeMailerRequest,
  type MailerAnswer,
  type MailerCredentials,
  type MailerOperation,
  type MailerRequestOf,
  type MailerSettings,
  type MailerValues,
  mailerRequests,
} from '../mail/mailer-wire';
import { toWireError } from '../mail/wire';
import type { OpenSession, PooledSession, Talk } from './job-talk';
import { troubleOf } from './logging';
import { withoutSecrets } from './server-words';
import type { SessionPool } from './session-pool';

export interface MailerJobs {
  pool: SessionPool<PooledSession<Mailer>>;
  open: OpenSession<MailerSettings, MailerCredentials, Mailer>;
}

const operations: {
  readonly [K in MailerOperation]: (
    mailer: Mailer,
    request: MailerRequestOf<K>,
    raw: Uint8Array,
  ) => Promise<MailerValues[K]>;
} = {
  check: async (mailer, { credentials }) => withoutSecrets(credentials).report(await mailer.check()),
  send: (mailer, { messageId, envelope }, raw) => mailer.send({ messageId, envelope, raw }),
};

type ParsedRequest<K extends MailerOperation> =
  | { head: MailerRequestOf<K>; raw: Uint8Array; wrong?: undefined }
  | { head?: undefined; wrong: string[] };

/** A request's head and raw mail; or the fields of it that are wrong. */
export function parseMailerRequest<K extends MailerOperation>(operation: K, bytes: Uint8Array): ParsedRequest<K> {
  const decoded = decodeMailerRequest(bytes);
  const parsed = mailerRequests[operation].safeParse(decoded?.head);
  // Paths only: the values may be secrets.
  if (decoded === null || !parsed.success)
    return { wrong: parsed.error?.issues.map(({ path }) => path.join('.')) ?? [] };
  // What was parsed is the type of this operation's schema; TypeScript does not see through the index.
  return { head: parsed.data as MailerRequestOf<K>, raw: decoded.raw };
}

/** Works on one request of `/v1/mailer`. How long it may take is the mailer's own deadline. */
export async function runMailerJob<K extends MailerOperation>(
  { pool, open }: MailerJobs,
  operation: K,
  bytes: Uint8Array,
  talk: Talk,
): Promise<void> {
  const parsed = parseMailerRequest(operation, bytes);
  if (parsed.wrong !== undefined) throw new AppError('unexpected', 'bug', 'A request was not checked.');
  const { settings, credentials, debug } = parsed.head;
  const lease = pool.acquire(talk.owner.installationId, ['mailer', settings, credentials], () =>
    open(settings, credentials, talk.owner),
  );
  if (lease === null) return talk.refuse();
  const { inner, protocol } = lease.session;
  if (debug) protocol.start();
  const takeLines = () => (debug ? protocol.take().map(({ text }) => text) : []);
  const send = (value: MailerAnswer) => Buffer.from(JSON.stringify(value));
  try {
    const value = await operations[operation](inner, parsed.head, parsed.raw);
    const lines = takeLines();
    lease.release(true);
    talk.end({ outcome: 'ok', trouble: null }, send({ ok: true, value, protocol: lines }));
  } catch (thrown) {
    const lines = takeLines();
    const error = toAppError(thrown);
    // A mailer whose access was refused is of no use to the next request; after other errors it begins a new session.
    lease.release(error.kind !== 'access' && error.kind !== 'bug');
    const told = withoutSecrets(credentials).error(toWireError(error));
    talk.end({ outcome: error.code, trouble: troubleOf(error) }, send({ ok: false, error: told, protocol: lines }));
  }
  return undefined;
}
