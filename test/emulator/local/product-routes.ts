import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ProductRequest } from '../forge/forge';
import { findUser } from '../jira/site';
import type { LocalParts } from './local-parts';
import { isPreviewable, issuePage, projectPage } from './pages/issues';
import { productRequest, sendProductResponse } from './product-http';
import { sendPage } from './web-server';

/** Jira's REST API, the issue browser and the app's web triggers. */
export function addProductRoutes(app: FastifyInstance, { jira, forge }: LocalParts): void {
  app.all('/jira/rest/*', async (request, reply) => {
    reply.hijack();
    sendProductResponse(
      reply.raw,
      await jira.handle(productRequest(request.raw, bytesOf(request), '/jira', caller(request))),
    );
  });

  app.get('/jira', (_request, reply) => reply.redirect('/jira/projects/SUP'));
  app.get<{ Params: { key: string }; Querystring: { start?: string } }>(
    '/jira/projects/:key',
    ({ params, query }, reply) => sendPage(reply, projectPage(jira, params.key, Number(query.start) || 0)),
  );
  app.get<{ Params: { key: string } }>('/jira/browse/:key', ({ params }, reply) =>
    sendPage(reply, issuePage(jira, params.key)),
  );
  app.get<{ Params: { id: string }; Querystring: { preview?: string } }>(
    '/jira/attachments/:id',
    ({ params, query }, reply) => {
      const attachment = jira.state
        .all()
        .flatMap(({ attachments }) => attachments)
        .find(({ id }) => id === params.id);
      const file = attachment && jira.state.file(attachment.id);
      if (attachment === undefined || file === undefined) return sendPage(reply, null);
      const inline = query.preview !== undefined && isPreviewable(attachment);
      const name = encodeURIComponent(attachment.filename).replace(/['()]/g, escape);
      return (
        reply
          // What came by mail must never run as a page of this host.
          .type(inline ? attachment.mimeType : 'application/octet-stream')
          .header('content-disposition', `${inline ? 'inline' : 'attachment'}; filename*=UTF-8''${name}`)
          .header('content-security-policy', "sandbox; default-src 'none'")
          .header('x-content-type-options', 'nosniff')
          .send(Buffer.from(file))
      );
    },
  );

  app.all<{ Params: { id: string; '*'?: string } }>('/public/:id/*', (request, reply) => webTrigger(request, reply));
  app.all<{ Params: { id: string; '*'?: string } }>('/public/:id', (request, reply) => webTrigger(request, reply));

  const webTrigger = async (
    request: FastifyRequest<{ Params: { id: string } }>,
    reply: { hijack(): unknown; raw: Parameters<typeof sendProductResponse>[0] },
  ) => {
    const url = new URL(request.url, 'http://localhost');
    const { method, headers, path, body } = productRequest(request.raw, bytesOf(request), '', { type: 'none' });
    const query: Record<string, string[]> = {};
    for (const name of url.searchParams.keys()) query[name] = url.searchParams.getAll(name);
    reply.hijack();
    const answer = await forge.webTrigger(request.params.id, {
      method,
      path: path.split('?')[0] ?? path,
      headers,
      query,
      body: Buffer.from(body).toString('utf8'),
    });
    sendProductResponse(reply.raw, answer);
  };
}

const bytesOf = (request: FastifyRequest): Uint8Array =>
  Buffer.isBuffer(request.body) ? request.body : new Uint8Array();

/** Who asks: the app, unless the header `x-local-account` names a user (empty: nobody). */
function caller({ headers }: FastifyRequest): ProductRequest['as'] {
  const account = headers['x-local-account'];
  if (typeof account !== 'string') return { type: 'app' };
  return findUser(account) === undefined ? { type: 'none' } : { type: 'user', accountId: account };
}
