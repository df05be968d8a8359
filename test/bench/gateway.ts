import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { gatewayMailbox } from '../../src/mail/gateway-client';
import { createAuthority } from '../support/certificates';
import { inbox, scriptedImap, scriptedSettings } from '../support/scripted-imap';
import { spawnGateway } from './gateway-process';
import { printTable } from './table';

/** What a shared gateway gives to others while mail servers are hostile, and what an idle session costs it. */

const hostileServers = 20;
const seconds = 20;
const idleSessions = 2_000;
/** Milliseconds. */
const healthTarget = 100;
const sessionTarget = 200 * 1024;

const percentile = (values: number[], share: number) =>
  values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;

async function healthUnderAttack(): Promise<void> {
  const gateway = await spawnGateway({ GATEWAY_ALLOW_PLAINTEXT: '1' });
  const calm = await scriptedImap({});
  const attackers = spawn(
    process.execPath,
    ['--import', 'tsx', 'test/support/hostile-servers.ts', `${hostileServers}`],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const [said] = await once(attackers.stdout, 'data');
  const ports: number[] = JSON.parse(String(said));
  const until = performance.now() + seconds * 1_000;
  let attacks = 0;
  const attack = async (port: number, index: number) => {
    const settings = scriptedSettings(port, { timeoutMs: 5_000, largestMailMb: 50 });
    const mailbox = gatewayMailbox(gateway.invoke(`hostile-${index}`), settings, { password: 'secret' });
    for (; performance.now() < until; attacks += 1) {
      await mailbox.list('7:0', 50).catch(() => {});
      const handles = Array.from({ length: 60 }, (_, uid) => `7.${uid + 1}`);
      for await (const _mail of await survived(mailbox.fetch(handles, 50_000_000)));
    }
  };
  const agent = new Agent({ keepAlive: true });
  const health = () =>
    new Promise<void>((resolve, reject) => {
      get(`${gateway.url}/healthz`, { agent }, (response) => response.resume().once('end', () => resolve())).once(
        'error',
        reject,
      );
    });
  const timed = async (work: () => Promise<unknown>) => {
    const begun = performance.now();
    await work();
    return performance.now() - begun;
  };
  const waits: number[] = [];
  const polls: number[] = [];
  const before = gateway.memory();
  let most = before;
  const mailbox = gatewayMailbox(gateway.invoke('calm'), scriptedSettings(calm.port), { password: 'secret' });
  await mailbox.list('7:0', 50);
  const watch = async (into: number[], work: () => Promise<unknown>, pauseMs: number) => {
    while (performance.now() < until) {
      into.push(await timed(work));
      most = Math.max(most, gateway.memory());
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  await Promise.all([
    ...ports.map(attack),
    watch(waits, health, 10),
    watch(polls, () => mailbox.list('7:0', 50).catch(() => {}), 50),
  ]);
  attackers.stdin.end();
  await gateway.stop();
  await calm.stop();
  const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024);
  const p99 = percentile(waits, 0.99);
  printTable(
    [
      `${hostileServers} hostile servers, ${attacks} attacks`,
      'p50 (ms)',
      'p99 (ms)',
      'target',
      'memory (MB): before',
      'most',
    ],
    [
      ['health check', percentile(waits, 0.5), p99, healthTarget, megabytes(before), megabytes(most)],
      ['idle poll of another site', percentile(polls, 0.5), percentile(polls, 0.99), '', '', ''],
    ],
  );
  if (p99 > healthTarget) process.exitCode = 1;
}

/** What a fetch gives until it fails. */
async function* survived<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch {}
}

async function idleSessionsWithTls(): Promise<void> {
  const authority = await createAuthority(mkdtempSync(join(tmpdir(), 'bench-')));
  const { certificate, key } = await authority.issue('imap');
  const server = createServer({ cert: certificate, key }, (socket) => {
    socket.on('error', () => {}).write('* OK ready\r\n');
    socket.on('data', (chunk) => {
      for (const line of chunk.toString('latin1').split('\r\n')) {
        const [tag, command = ''] = line.split(' ');
        if (command === 'SELECT') socket.write(`${inbox(0, 1)}${tag} OK open\r\n`);
        else if (command === 'LIST') socket.write(`* LIST () "/" INBOX\r\n${tag} OK\r\n`);
        else if (command !== '') socket.write(`* CAPABILITY IMAP4rev1\r\n${tag} OK\r\n`);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const gateway = await spawnGateway({ GATEWAY_SESSION_IDLE_SECONDS: '600' });
  const invoke = gateway.invoke();
  const open = async (user: number) => {
    const options = {
      username: `user${user}`,
      encryption: 'tls',
      privateCa: authority.certificate,
      timeoutMs: 60_000,
    } as const;
    await gatewayMailbox(invoke, scriptedSettings(port, options), { password: 'secret' }).list('7:0', 10);
  };
  // What the first sessions load is no cost of theirs.
  for (let user = 0; user < 20; user += 1) await open(user);
  const before = gateway.memory();
  let next = 20;
  const openAll = async () => {
    while (next < idleSessions + 20) await open(next++);
  };
  await Promise.all(Array.from({ length: 10 }, openAll));
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  const idle = Number(/sessions\{state="idle"\} (\d+)/.exec(metrics)?.[1]);
  const each = (gateway.memory() - before) / (idle - 20);
  printTable(
    ['idle sessions with TLS', 'memory each (KB)', 'target'],
    [[idle, Math.round(each / 1024), sessionTarget / 1024]],
  );
  if (each > sessionTarget) process.exitCode = 1;
  await gateway.stop();
  server.close();
}

await healthUnderAttack();
await idleSessionsWithTls();
process.exit();
