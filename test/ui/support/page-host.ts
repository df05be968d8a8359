import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { themeCss } from './theme';

const dist = fileURLToPath(new URL('../../../static/dist/admin/', import.meta.url));
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** As strict as Forge's own policy with `permissions.content.styles: [unsafe-inline]`. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
].join('; ');

export interface PageHost {
  /** The page's address: nested, like Forge's. */
  url: string;
  theme: string;
  close: () => Promise<void>;
}

/** Serves the built admin page as Forge's CDN does: under a nested path, with a content security policy. */
export async function startPageHost(): Promise<PageHost> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://host').pathname.replace(/^\/cdn\/app\/1\//, '/'));
    const name = path === '/' ? '/index.html' : path;
    readFile(join(dist, name)).then(
      (body) => {
        const type = types[extname(name)] ?? 'application/octet-stream';
        response.writeHead(200, { 'content-type': type, 'content-security-policy': policy }).end(body);
      },
      // A browser asks for an icon by itself; that is no fault of the page.
      () => response.writeHead(name === '/favicon.ico' ? 204 : 404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The page host has no port.');
  return {
    url: `http://127.0.0.1:${address.port}/cdn/app/1/`,
    theme: themeCss(),
    close: () => closeServer(server),
  };
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
