import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { EgressRefusal } from '../forge/customer-egress';
import type { LocalParts } from './local-parts';
import { outgoingPage } from './pages/outgoing';
import { type SampleKind, sampleKinds, sendSamples } from './sample-mail';
import { sendPage } from './web-server';

/** The calls by which anything outside drives the local host (DESIGN §7). */

const invocation = z.strictObject({
  module: z.string(),
  functionKey: z.string(),
  /** Left out where a function takes nothing, as `invoke` of `@forge/bridge` does. */
  payload: z.unknown().optional(),
  accountId: z.string().nullable().default(null),
  /** The bridge of a page sends it along; it has no meaning here. */
  metadata: z.unknown().optional(),
});
const egressCall = z.strictObject({
  operation: z.string(),
  payload: z.unknown(),
  accountId: z.string().nullable().default(null),
});
/** Null: a free app. */
const licenseChange = z.strictObject({ active: z.boolean().nullable() });
const clockChange = z.strictObject({ advanceSeconds: z.number().min(0) });
const faultList = z.array(
  z.strictObject({
    match: z.string().min(1),
    skip: z.number().int().min(0).optional(),
    when: z.enum(['before', 'after']),
    kind: z.enum(['error', 'timeout', 'kill']),
    status: z.number().int().min(400).max(599).optional(),
    times: z.number().int().min(1),
  }),
);
const sample = z.strictObject({
  kind: z.enum(Object.keys(sampleKinds) as [SampleKind, ...SampleKind[]]).default('plain'),
  to: z.email().default('support@letterbox.test'),
});

/** The parsed body of a control call. @throws with status 400 and what is wrong with it */
function bodyOf<T>(request: FastifyRequest, shape: z.ZodType<T>): T {
  const refuse = (message: string) => Object.assign(new Error(message), { statusCode: 400 });
  const text = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '';
  let value: unknown;
  try {
    value = text === '' ? {} : JSON.parse(text);
  } catch {
    throw refuse('The body is not JSON.');
  }
  const parsed = shape.safeParse(value);
  if (!parsed.success) throw refuse(z.prettifyError(parsed.error));
  return parsed.data;
}

export function addControlRoutes(app: FastifyInstance, { forge, mail, manifest, registerCallback }: LocalParts): void {
  app.post('/_local/invoke', (request) => {
    const { metadata, payload, ...call } = bodyOf(request, invocation);
    return forge.invoke({ ...call, payload });
  });
  app.post('/_local/egress', async (request, reply) => {
    const { operation, payload, accountId } = bodyOf(request, egressCall);
    try {
      return { value: (await forge.customerEgress(operation, payload, accountId)) ?? null };
    } catch (error) {
      if (!(error instanceof EgressRefusal)) throw error;
      return reply.code(error.status).send({ message: error.message });
    }
  });
  app.post<{ Params: { key: string } }>('/_local/trigger/:key', async ({ params }, reply) => {
    if (!manifest.triggers.includes(params.key)) {
      return reply.code(404).send({
        message: `The manifest has no scheduled trigger ${params.key}; it has: ${manifest.triggers.join(', ')}.`,
      });
    }
    return forge.trigger(params.key);
  });
  app.post('/_local/clock', async (request) => {
    const { advanceSeconds } = bodyOf(request, clockChange);
    await forge.advance(advanceSeconds);
    return { advancedSeconds: advanceSeconds };
  });
  app.post('/_local/faults', async (request) => {
    const faults = bodyOf(request, faultList).map(({ skip, status, ...fault }) => ({
      ...fault,
      ...(skip === undefined ? {} : { skip }),
      ...(status === undefined ? {} : { status }),
    }));
    forge.setFaults(faults);
    return { faults: faults.length };
  });
  app.post('/_local/reinstall', async () => {
    await forge.uninstall();
    await forge.reinstall();
    return { reinstalled: true };
  });
  app.post('/_local/license', async (request) => {
    const { active } = bodyOf(request, licenseChange);
    forge.setLicense(active === null ? undefined : { active });
    return { active };
  });
  app.post('/_local/register-callback', async () => {
    await registerCallback();
    return { registered: true };
  });
  app.get('/_local/usage', async () => forge.usage());
  app.get<{ Querystring: { prefix?: string } }>('/_local/storage', async ({ query }) =>
    forge.storage(query.prefix ?? ''),
  );
  app.get('/_local/jwks', () => forge.jwks());
  app.get('/_local/mail', async () => mail.sent());
  app.post('/_local/sample-mail', async (request) => {
    const { kind, to } = bodyOf(request, sample);
    return { sent: await sendSamples(kind, to, { port: mail.ports.smtp, ca: mail.ca }) };
  });
  app.get('/outgoing', async (_request, reply) => sendPage(reply, await outgoingPage(mail.sent())));
}
