import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { mailerRequestBytes, mailerRequests } from '../mail/mailer-wire';
import { requests } from '../mail/wire';
import type { Ending, Job } from './jobs';
import { parseMailerRequest } from './mailer-jobs';
import type { Threads } from './threads';

const typed = <T extends object>(record: T) => Object.keys(record) as (keyof T & string)[];

/** `POST /v1/mailbox/<operation>`: see mail/wire.ts. */
export function mailboxRoutes(app: FastifyInstance, threads: Threads): void {
  for (const operation of typed(requests)) {
    app.post(`/${operation}`, async (request, reply) => {
      const parsed = requests[operation].safeParse(request.body);
      // Paths only: the values may be secrets.
      if (!parsed.success)
        return malformed(
          reply,
          parsed.error.issues.map(({ path }) => path.join('.')),
        );
      return work(threads, request, reply, { kind: 'mailbox', operation, body: parsed.data });
    });
  }
}

/** `POST /v1/mailer/<operation>`: see mail/mailer-wire.ts. */
export function mailerRoutes(app: FastifyInstance, threads: Threads): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/octet-stream',
    { parseAs: 'buffer', bodyLimit: mailerRequestBytes },
    (_request, body, done) => done(null, body),
  );
  for (const operation of typed(mailerRequests)) {
    app.post(`/${operation}`, async (request, reply) => {
      const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array();
      const { wrong } = parseMailerRequest(operation, bytes);
      if (wrong !== undefined) return malformed(reply, wrong);
      return work(threads, request, reply, { kind: 'mailer', operation, bytes });
    });
  }
}

const malformed = (reply: FastifyReply, fields: string[]) =>
  reply.code(400).send({ error: 'The request is malformed.', fields });

/** Has a thread work on the request. Its place is taken until the thread is done, also when the client goes away meanwhile. */
async function work(threads: Threads, request: FastifyRequest, reply: FastifyReply, job: Job): Promise<FastifyReply> {
  const done = request.keepPlace();
  const note = ({ outcome, trouble }: Ending) => {
    request.outcome = outcome;
    if (trouble !== null) request.log[trouble.level](trouble.fields, trouble.message);
  };
  const result = await threads.run(request.installationId, job);
  if (result.type === 'frames') {
    void result.ending.then(note).finally(done);
    return reply.type('application/octet-stream').send(result.frames);
  }
  done();
  if (result.type === 'refused')
    return reply.code(429).header('retry-after', '5').send({ error: 'Too many sessions are in use.' });
  note(result.ending);
  return reply
    .type('application/json; charset=utf-8')
    .send(Buffer.from(result.json.buffer, result.json.byteOffset, result.json.byteLength));
}
