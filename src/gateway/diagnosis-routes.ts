import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { version } from '../../package.json';
import { everyByte, holdRequest } from '../mail/diagnosis-wire';

/** `POST /v1/diagnosis/<question>`: see mail/diagnosis-wire.ts. No thread works on these, so that busy ones do not delay them. */
export function diagnosisRoutes(app: FastifyInstance): void {
  app.post('/hello', async () => ({ version, at: Date.now() }));

  app.post('/bytes', async (_request, reply) => reply.type('application/octet-stream').send(Buffer.from(everyByte)));

  app.post('/hold', async (request, reply) => {
    const parsed = holdRequest.safeParse(request.body);
    if (!parsed.success) return reply.code(400).send({ error: 'The request is malformed.' });
    const { seconds } = parsed.data;
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    // A client that does not wait any more gives its place back at once; nobody reads what is answered then.
    await delay(seconds * 1_000, undefined, { signal: gone.signal }).catch(() => {});
    return { seconds };
  });
}
