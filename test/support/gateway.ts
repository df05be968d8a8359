import { Agent, type IncomingMessage, request } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { type GatewayConfig, readConfig } from '../../src/gateway/config';
import type { LogStream } from '../../src/gateway/logging';
import { buildGateway } from '../../src/gateway/server';
import type { PostToGateway } from '../../src/mail/gateway-client';
import { startTokenIssuer, type TokenIssuer } from './invocation-tokens';

/** A gateway that listens on a free port, and the keys that it trusts. */
export interface TestGateway {
  url: string;
  app: FastifyInstance;
  issuer: TokenIssuer;
  /** Calls it over HTTP, as Forge would for an installation. */
  invoke(installationId?: string): PostToGateway;
  stop(): Promise<void>;
}

/** The program of the gateway, which its threads run too. */
export const gatewayEntry = new URL('../../src/gateway/main.ts', import.meta.url);

/** Settings of a gateway that may reach local servers, and works without threads of its own unless told otherwise. */
export function testConfig({ audience, jwksUrl }: TokenIssuer, changes: Partial<GatewayConfig> = {}): GatewayConfig {
  const environment = { GATEWAY_AUDIENCE: audience, GATEWAY_JWKS_URL: jwksUrl, LOG_LEVEL: 'silent' };
  return { ...readConfig(environment), allowPrivate: true, ports: null, threads: 0, ...changes };
}

/** Starts a gateway that may reach local servers, unless `config` says otherwise. */
export async function startGateway(
  config: Partial<GatewayConfig> = {},
  logStream?: LogStream,
  entry = gatewayEntry,
): Promise<TestGateway> {
  const issuer = await startTokenIssuer();
  const { app } = buildGateway(testConfig(issuer, config), entry, logStream);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    app,
    issuer,
    invoke: (installationId) =>
      httpGateway(url, () => issuer.token(installationId === undefined ? {} : { installationId })),
    async stop() {
      await app.close();
      await issuer.stop();
    },
  };
}

/** A way that carries only text: bytes that are not UTF-8 become U+FFFD. */
export const asText =
  (post: PostToGateway): PostToGateway =>
  async (path, body) => {
    const { status, bytes } = await post(path, body);
    return { status, bytes: Buffer.from(Buffer.from(bytes).toString('utf8')) };
  };

/** A gateway over plain HTTP, with a new invocation token for each call. */
export function httpGateway(url: string, token: () => Promise<string>): PostToGateway {
  // One connection is kept, as Forge's proxy does. `fetch` would copy each answer twice, which a measurement would show.
  const agent = new Agent({ keepAlive: true });
  return async (path, body) => {
    const type = typeof body === 'string' ? 'application/json' : 'application/octet-stream';
    const headers = { 'content-type': type, authorization: `Bearer ${await token()}` };
    const sent = typeof body === 'string' ? body : Buffer.from(body);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(`${url}${path}`, { method: 'POST', headers, agent }, resolve).once('error', reject).end(sent);
    });
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    return { status: response.statusCode ?? 0, bytes: Buffer.concat(chunks) };
  };
}
