import type { Server } from 'node:http';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { asset, avatar } from './assets';
import { addControlRoutes } from './control-routes';
import { addFrameRoutes } from './frame-routes';
import type { LocalParts } from './local-parts';
import { startPage } from './pages/start';
import { requestLimit } from './product-http';
import { addProductRoutes } from './product-routes';

/** Everything that the local host answers over HTTP, on a server that listens already. */
export async function createWebServer(server: Server, parts: LocalParts): Promise<FastifyInstance> {
  const app = fastify({
    serverFactory: (handler) => server.on('request', handler),
    bodyLimit: requestLimit,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 500 },
  });
  // Bodies stay bytes: products read them themselves, and the control calls parse JSON on their own.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', refuseOtherSites);

  app.get('/', (_request, reply) => {
    const { mail, gatewayUrl, manifest, pages } = parts;
    return sendPage(reply, startPage({ mail, gatewayUrl, triggers: manifest.triggers, pagesBuilt: pages.built() }));
  });
  app.get('/avatar.svg', (_request, reply) => reply.type('image/svg+xml').send(avatar));
  app.get<{ Params: { name: string } }>('/_local/assets/:name', async ({ params }, reply) => {
    const found = await asset(params.name);
    return found === undefined ? reply.callNotFound() : reply.type(`${found.type}; charset=utf-8`).send(found.body);
  });
  addControlRoutes(app, parts);
  addProductRoutes(app, parts);
  addFrameRoutes(app, parts);
  await app.ready();
  return app;
}

/** A page of the host's own: no script but its own, nothing from elsewhere. */
export function sendPage(reply: FastifyReply, page: string | null): FastifyReply {
  if (page === null) return reply.code(404).type('text/plain; charset=utf-8').send('There is no such page.');
  return reply
    .type('text/html; charset=utf-8')
    .header(
      'content-security-policy',
      "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'self'",
    )
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'no-store')
    .send(page);
}

/** A web page of another site, open in the same browser, could call the local host; so could one whose name leads here. */
async function refuseOtherSites(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { origin, host = '' } = request.headers;
  if (origin === undefined || request.url.startsWith('/public/')) return;
  if (!URL.canParse(origin) || new URL(origin).host !== host)
    await reply.code(403).send({ message: 'Only pages of the local host may call it.' });
}
