import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleGateway } from '../../src/gateway/build';
import { gatewayMailbox } from '../../src/mail/gateway-client';
import { scriptedSettings } from '../support/scripted-imap';
import { spawnGateway } from './gateway-process';
import { printTable } from './table';

/** What the bundled gateway takes for many mailboxes that are polled once a minute over TLS: connections, memory, processor. */

const mailboxes = 1_000;
const minutes = 2;
const minuteMs = 60_000;
/** The kernel counts processor time in hundredths of a second. */
const ticks = 100;

const folder = mkdtempSync(join(tmpdir(), 'letterbox-load-'));
await bundleGateway(folder);
// The mail server has a process of its own, so that its work is not counted.
const server = spawn(
  process.execPath,
  ['--import', 'tsx', fileURLToPath(new URL('./tls-mail-server.ts', import.meta.url))],
  { stdio: ['pipe', 'pipe', 'inherit'] },
);
let said = '';
for await (const chunk of server.stdout) {
  said += chunk;
  if (said.endsWith('\n')) break;
}
const { port, ca }: { port: number; ca: string } = JSON.parse(said);
const gateway = await spawnGateway({ GATEWAY_THREADS: '2', LOG_LEVEL: 'info' }, [join(folder, 'gateway.mjs')]);

const processorMs = () => {
  const fields = readFileSync(`/proc/${gateway.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) / ticks) * 1_000;
};
const sockets = () => readdirSync(`/proc/${gateway.pid}/fd`).length;

const invokes = Array.from({ length: 10 }, (_, at) => gateway.invoke(`installation-${at}`));
const poll = async (user: number) => {
  const settings = scriptedSettings(port, {
    username: `user${user}`,
    encryption: 'tls',
    privateCa: ca,
    timeoutMs: 60_000,
  });
  const invoke = invokes[user % invokes.length] ?? gateway.invoke();
  await gatewayMailbox(invoke, settings, { password: 'secret' }).list('7:0', 50);
};
/** Each mailbox once, evenly over the minute. @returns ms of processor, and the slowest poll */
async function pollAll() {
  const begun = performance.now();
  const processor = processorMs();
  let slowest = 0;
  const polls = Array.from({ length: mailboxes }, async (_, user) => {
    await new Promise((resolve) => setTimeout(resolve, (user * minuteMs) / mailboxes));
    const asked = performance.now();
    await poll(user);
    slowest = Math.max(slowest, performance.now() - asked);
  });
  await Promise.all(polls);
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, minuteMs - (performance.now() - begun))));
  return { processor: processorMs() - processor, slowest };
}

const atStart = gateway.memory();
const rows: (string | number)[][] = [];
for (let minute = 0; minute <= minutes; minute += 1) {
  const { processor, slowest } = await pollAll();
  const kind = minute === 0 ? 'first minute: signs in' : `minute ${minute + 1}: sessions open`;
  const memory = Math.round(gateway.memory() / 1024 / 1024);
  rows.push([kind, sockets(), memory, processor / mailboxes, (100 * processor) / minuteMs, slowest]);
}
printTable(
  [
    `${mailboxes} mailboxes, ${Math.round(atStart / 1024 / 1024)} MB at the start`,
    'open files',
    'memory (MB)',
    'processor a poll (ms)',
    'of one core (%)',
    'slowest poll (ms)',
  ],
  rows,
);
server.stdin.end();
await gateway.stop();
rmSync(folder, { recursive: true, force: true });
process.exit();
