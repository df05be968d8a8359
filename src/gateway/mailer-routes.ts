import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Mailer } from '../domain/mailer';
import {
  decodeMailerRequest,
  type MailerAnswer,
  type MailerCredentials,
  type MailerOperation,
  type MailerRequestOf,
  type MailerSettings,
  type MailerValues,
  mailerRequestBytes,
  mailerRequests,
} from '../mail/mailer-wire';
import type { AddLine } from '../mail/protocol-log';
import { toWireError } from '../mail/wire';
import { type LoggedSession, loggedSession } from './logged-session';
import { logError } from './logging';
import { withoutSecrets } from './server-words';
import type { SessionPool } from './session-pool';

export interface MailerRoutes {
  pool: SessionPool<LoggedSession<Mailer>>;
  open(settings: MailerSettings, credentials: MailerCredentials, log: AddLine): Mailer;
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

/** `POST /v1/mailer/<operation>`: see mail/mailer-wire.ts. How long a request may take is the mailer's own deadline. */
export function mailerRoutes(app: FastifyInstance, { pool, open }: MailerRoutes): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/octet-stream',
    { parseAs: 'buffer', bodyLimit: mailerRequestBytes },
    (_request, body, done) => done(null, body),
  );

  function route<K extends MailerOperation>(operation: K): void {
    app.post(`/${operation}`, async (request, reply): Promise<MailerAnswer | FastifyReply> => {
      const decoded = request.body instanceof Uint8Array ? decodeMailerRequest(request.body) : null;
      const parsed = mailerRequests[operation].safeParse(decoded?.head);
      if (decoded === null || !parsed.success) {
        // Paths only: the values may be secrets.
        const fields = parsed.error?.issues.map(({ path }) => path.join('.')) ?? [];
        return reply.code(400).send({ error: 'The request is malformed.', fields });
      }
      // What was parsed is the type of this operation's schema; TypeScript does not see through the index.
      return work(operation, request, reply, parsed.data as MailerRequestOf<K>, decoded.raw);
    });
  }

  async function work<K extends MailerOperation>(
    operation: K,
    request: FastifyRequest,
    reply: FastifyReply,
    body: MailerRequestOf<K>,
    raw: Uint8Array,
  ): Promise<MailerAnswer | FastifyReply> {
    const { settings, credentials, debug } = body;
    const lease = pool.acquire(request.installationId, ['mailer', settings, credentials], () =>
      loggedSession((log) => open(settings, credentials, log)),
    );
    if (lease === null)
      return reply.code(429).header('retry-after', '5').send({ error: 'Too many sessions are in use.' });
    const { inner, protocol } = lease.session;
    if (debug) protocol.start();
    const takeLines = () => (debug ? protocol.take().map(({ text }) => text) : []);
    try {
      const value = await operations[operation](inner, body, raw);
      const lines = takeLines();
      lease.release(true);
      return { ok: true, value, protocol: lines };
    } catch (thrown) {
      const lines = takeLines();
      const error = logError(request.log, thrown);
      request.outcome = error.code;
      // A mailer whose access was refused is of no use to the next request; after other errors it begins a new session.
      lease.release(error.kind !== 'access' && error.kind !== 'bug');
      return { ok: false, error: withoutSecrets(credentials).error(toWireError(error)), protocol: lines };
    }
  }

  route('check');
  route('send');
}
