import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { readConfig } from '../../src/gateway/config';
import { buildGateway } from '../../src/gateway/server';
import { hello, holdRequest } from '../../src/mail/diagnosis-wire';
import { gatewayEntry } from './gateway';

/** How the way to the gateway is broken. */
export interface FrontFaults {
  /** The connection is dropped. */
  isDown?: boolean;
  /** Another server answers. */
  isStranger?: boolean;
  /** Leads to a gateway that serves another app. */
  isForAnotherApp?: boolean;
  /** Answers pass as UTF-8, so that bytes which are none become U+FFFD. */
  isTextOnly?: boolean;
  /** Calls that would take longer are cut. Seconds. */
  cutAfter?: number;
  /** Milliseconds that the gateway's clock is ahead. */
  clockAheadMs?: number;
}

export interface GatewayFront {
  url: string;
  set(faults: FrontFaults): void;
  /** Puts real gateways behind it, which take tokens for `audience` that these keys sign. */
  open(audience: string, jwksUrl: string): Promise<void>;
  close(): Promise<void>;
}

/** Held answers are held for a thousandth of their time. */
const faster = 1_000;

/** A proxy before a gateway, as a site may have one, that can be broken while the app runs. */
export async function gatewayFront(): Promise<GatewayFront> {
  let faults: FrontFaults = {};
  const gateways: FastifyInstance[] = [];
  const urls: string[] = [];
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (faults.isDown) return void request.socket.destroy();
    if (faults.isStranger) return void response.writeHead(404).end('<html>Not found</html>');
    const path = request.url ?? '/';
    let body = await text(request);
    if (path.endsWith('/hold')) {
      const { seconds } = holdRequest.parse(JSON.parse(body));
      if (seconds > (faults.cutAfter ?? 60)) return void response.writeHead(504).end('Gateway Timeout');
      body = JSON.stringify({ seconds: seconds / faster });
    }
    const { authorization = '', 'content-type': type = '' } = request.headers;
    const headers = { authorization, 'content-type': type };
    const url = `${urls[faults.isForAnotherApp ? 1 : 0]}${path}`;
    const answer = await fetch(url, { method: request.method ?? 'POST', headers, body });
    let bytes = Buffer.from(await answer.arrayBuffer());
    if (faults.isTextOnly) bytes = Buffer.from(bytes.toString('utf8'));
    if (path.endsWith('/hello') && answer.ok) {
      const told = hello.parse(JSON.parse(bytes.toString()));
      bytes = Buffer.from(JSON.stringify({ ...told, at: told.at + (faults.clockAheadMs ?? 0) }));
    }
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(bytes);
  }

  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    set: (next) => {
      faults = next;
    },
    open: async (audience, jwksUrl) => {
      for (const served of [audience, 'ari:cloud:ecosystem::app/another']) {
        const environment = { GATEWAY_AUDIENCE: served, GATEWAY_JWKS_URL: jwksUrl, LOG_LEVEL: 'silent' };
        const { app } = buildGateway({ ...readConfig(environment), threads: 0 }, gatewayEntry);
        gateways.push(app);
        urls.push(await app.listen({ host: '127.0.0.1', port: 0 }));
      }
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      for (const gateway of gateways) await gateway.close();
    },
  };
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
