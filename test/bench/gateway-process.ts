import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { PostToGateway } from '../../src/mail/gateway-client';
import { httpGateway } from '../support/gateway';
import { startTokenIssuer } from '../support/invocation-tokens';

export interface SpawnedGateway {
  url: string;
  invoke(installationId?: string): PostToGateway;
  /** Bytes of its resident memory. */
  memory(): number;
  stop(): Promise<void>;
}

/** A gateway in a process of its own, as it is run; `GATEWAY_NODE_OPTIONS` are arguments for it. */
export async function spawnGateway(settings: Record<string, string> = {}): Promise<SpawnedGateway> {
  const issuer = await startTokenIssuer();
  const environment = {
    HOST: '127.0.0.1',
    PORT: '0',
    GATEWAY_AUDIENCE: issuer.audience,
    GATEWAY_JWKS_URL: issuer.jwksUrl,
    GATEWAY_ALLOW_PRIVATE: '1',
    GATEWAY_PORTS: '*',
    ...settings,
  };
  const options = (process.env.GATEWAY_NODE_OPTIONS ?? '').split(' ').filter(Boolean);
  const child = spawn(process.execPath, ['--import', 'tsx', ...options, 'src/gateway/main.ts'], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said = (said + chunk).slice(-4_000);
  });
  const address = /http:\/\/127\.0\.0\.1:\d+/;
  while (!address.test(said))
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => Promise.reject(new Error(said)))]);
  const url = address.exec(said)?.[0] ?? '';
  return {
    url,
    invoke: (installationId) => httpGateway(url, () => issuer.token(installationId ? { installationId } : {})),
    memory: () => 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]),
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
      await issuer.stop();
    },
  };
}
