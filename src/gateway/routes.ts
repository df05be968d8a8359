import type { FastifyInstance, FastifyReply } from 'fastify';
import { mailerRequestBytes, mailerRequests } from '../mail/mailer-wire';
import { requests } from '../mail/wire';
import type { Answers } from './answers';
import { parseMailerRequest } from './mailer-jobs';

const typed = <T extends object>(record: T) => Object.keys(record) as (keyof T & string)[];

/** `POST /v1/mailbox/<operation>`: see mail/wire.ts. */
export function mailboxRoutes(app: FastifyInstance, answers: Answers): void {
  for (const operation of typed(requests)) {
    app.post(`/${operation}`, async (request, reply) => {
      const parsed = requests[operation].safeParse(request.body);
      // Paths only: the values may be secrets.
      if (!parsed.success)
        return malformed(
          reply,
          parsed.error.issues.map(({ path }) => path.join('.')),
        );
      return answers.answer(request, reply, (terms) => ({
        kind: 'mailbox',
        operation,
        body: parsed.data,
        bytes: terms.bytes,
      }));
    });
  }
}

/** `POST /v1/mailer/<operation>`: see mail/mailer-wire.ts. */
export function mailerRoutes(app: FastifyInstance, answers: Answers): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  for (const operation of typed(mailerRequests)) {
    app.post(`/${operation}`, { bodyLimit: mailerRequestBytes }, async (request, reply) => {
      const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array();
      const parsed = parseMailerRequest(operation, bytes);
      if (parsed.wrong !== undefined) return malformed(reply, parsed.wrong);
      // Without a mail only what became of one can be asked for: a ticket that got lost on the way must not send an empty mail.
      const isBegun = Reflect.has(Object(request.query), 'ticket');
      if (operation === 'send' && parsed.raw.length === 0 && !isBegun) return malformed(reply, ['raw']);
      return answers.answer(request, reply, () => ({ kind: 'mailer', operation, bytes }));
    });
  }
}

const malformed = (reply: FastifyReply, fields: string[]) =>
  reply.code(400).send({ error: 'The request is malformed.', fields });
