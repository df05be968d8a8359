import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { answers } from './ports';

/** HAProxy with the configuration that `docs/gateway.md` recommends, in front of gateways on this machine. */
export interface Haproxy {
  url: string;
  /** Goes on with other gateways, as `systemctl reload haproxy` does; answers when the new ones are in use. */
  reload(gatewayPorts: readonly number[]): Promise<void>;
  stop(): Promise<void>;
}

const recommended = 'docs/gateway/haproxy.cfg';

/** What is recommended, but for addresses, the certificate, and the user, to which only root can change. */
function configFor(port: number, gatewayPorts: readonly number[]): string {
  const servers = gatewayPorts.map((one, at) => `\tserver gateway${at + 1} 127.0.0.1:${one}`);
  const lines = readFileSync(recommended, 'utf8')
    .split('\n')
    .filter((line) => !/^\t(user|group|log \/dev\/log|server) /.test(line))
    .map((line) => line.replace(/^\tbind .*/, `\tbind 127.0.0.1:${port}`));
  return [...lines, ...servers, ''].join('\n');
}

export async function startHaproxy(port: number, gatewayPorts: readonly number[]): Promise<Haproxy> {
  const folder = mkdtempSync(join(tmpdir(), 'letterbox-haproxy-'));
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, configFor(port, gatewayPorts));
  const child = spawn('haproxy', ['-W', '-db', '-f', file], {
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const ended = once(child, 'exit');
  async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
    for (let waited = 0; !(await isSo()); waited += 50) {
      if (child.exitCode !== null || waited > 20_000) throw new Error(`HAProxy: ${said}`);
      await sleep(50);
    }
  }
  const workers = () => said.match(/New worker \(\d+\) forked/g)?.length ?? 0;
  await until(() => answers(port));
  return {
    url: `http://127.0.0.1:${port}`,
    async reload(ports) {
      writeFileSync(file, configFor(port, ports));
      const before = workers();
      child.kill('SIGUSR2');
      await until(() => workers() > before && answers(port));
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
