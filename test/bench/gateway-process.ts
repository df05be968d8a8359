import { readFileSync } from 'node:fs';
import type { PostToGateway } from '../../src/mail/gateway-client';
import { addressOf, callProgram, localSettings, startProgram } from '../support/gateway-program';
import { startTokenIssuer } from '../support/invocation-tokens';

export interface SpawnedGateway {
  url: string;
  pid: number;
  invoke(installationId?: string): PostToGateway;
  /** Bytes of its resident memory. */
  memory(): number;
  stop(): Promise<void>;
}

/** A gateway in a process of its own, as it is run; `GATEWAY_NODE_OPTIONS` are arguments for it. */
export async function spawnGateway(
  settings: Record<string, string> = {},
  file = ['--import', 'tsx', 'src/gateway/main.ts'],
): Promise<SpawnedGateway> {
  const issuer = await startTokenIssuer();
  const node = (process.env.GATEWAY_NODE_OPTIONS ?? '').split(' ').filter(Boolean);
  const program = [...node, ...file];
  const gateway = startProgram({ ...localSettings(issuer), GATEWAY_ALLOW_PLAINTEXT: '0', ...settings }, { program });
  gateway.child.stderr.pipe(process.stderr);
  const url = await addressOf(gateway);
  return {
    url,
    pid: gateway.child.pid ?? 0,
    invoke: (installationId) => callProgram(url, issuer, installationId),
    memory: () => 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${gateway.child.pid}/status`, 'utf8'))?.[1]),
    async stop() {
      gateway.child.kill('SIGTERM');
      await gateway.ended;
      await issuer.stop();
    },
  };
}
