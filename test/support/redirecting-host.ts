import { createServer } from 'node:http';

/** A host on loopback that sends everybody on to another one, and answers there. */
export interface RedirectingHost {
  origin: string;
  /** Whether it sends on, or answers itself. */
  redirects: boolean;
  /** Requests that came where it sends to. */
  followed: number;
  stop(): Promise<void>;
}

/** @param answer the JSON that either of them answers */
export async function redirectingHost(answer: unknown): Promise<RedirectingHost> {
  const other = createServer((_request, response) => {
    host.followed += 1;
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  const first = createServer((_request, response) => {
    if (host.redirects) response.writeHead(307, { location: `${originOf(other)}/elsewhere` }).end();
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  for (const server of [other, first]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host: RedirectingHost = {
    origin: originOf(first),
    redirects: true,
    followed: 0,
    async stop() {
      for (const server of [other, first]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
  return host;
}

function originOf(server: ReturnType<typeof createServer>): string {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}
