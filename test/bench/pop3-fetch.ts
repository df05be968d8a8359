import { once } from 'node:events';
import { connect as connectPlain, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { pop3Mailbox } from '../../src/mail/pop3/mailbox';
import { type Dovecot, startDovecot } from '../support/dovecot';

const rounds = 5;
const size = 20_000;

/** A forwarder on loopback that makes every byte take `delayMs` longer, each way. */
async function startDelay(port: number, delayMs: number): Promise<{ port: number; stop(): void }> {
  const sockets = new Set<Socket>();
  const forward = (from: Socket, to: Socket) => {
    from.on('data', (chunk) => setTimeout(() => to.write(chunk), delayMs));
    from.on('end', () => setTimeout(() => to.end(), delayMs));
    from.on('error', () => to.destroy());
    sockets.add(from.setNoDelay(true));
  };
  const server = createServer((client) => {
    const upstream = connectPlain(port, '127.0.0.1');
    forward(client, upstream);
    forward(upstream, client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** RETR of every message by a bare TLS socket that only looks for the ends of messages: what the wire allows. */
async function raw(dovecot: Dovecot, port: number, count: number, window: number): Promise<void> {
  const socket = connectTls({
    host: 'localhost',
    port,
    ca: dovecot.ca,
    lookup: (_, { all }, answer) =>
      all ? answer(null, [{ address: '127.0.0.1', family: 4 }]) : answer(null, '127.0.0.1', 4),
  });
  const ready = async () => {
    await once(socket, 'data');
  };
  await ready();
  socket.write('USER alice\r\n');
  await ready();
  socket.write('PASS secret\r\n');
  await ready();
  await new Promise<void>((resolve, reject) => {
    let asked = 0;
    let ended = 0;
    let tail: Buffer = Buffer.alloc(0);
    const ask = () => {
      const commands: string[] = [];
      while (asked < count && asked - ended < window) commands.push(`RETR ${++asked}\r\n`);
      if (commands.length > 0) socket.write(commands.join(''));
    };
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      const bytes = tail.length === 0 ? chunk : Buffer.concat([tail, chunk]);
      let end = 0;
      for (let at = bytes.indexOf('\r\n.\r\n'); at !== -1; at = bytes.indexOf('\r\n.\r\n', end)) {
        end = at + 5;
        ended += 1;
      }
      tail = Buffer.from(bytes.subarray(Math.max(end, bytes.length - 4)));
      if (ended === count) resolve();
      else ask();
    });
    ask();
  });
  socket.destroy();
}

/** The same messages as the intake reads them. */
async function adapter(dovecot: Dovecot, port: number, count: number, page: number): Promise<number> {
  const mailbox = pop3Mailbox(
    { encryption: 'tls', host: 'localhost', port, username: 'alice', timeoutMs: 60_000, privateCa: dovecot.ca },
    { password: 'secret' },
    { resolve: async () => ['127.0.0.1'], allowPlaintext: false },
  );
  let fetchMs = 0;
  let position: string | null = null;
  let messages = 0;
  for (let more = true; more && messages < count; ) {
    const listing = await mailbox.list(position, page);
    const begun = performance.now();
    for await (const { outcome } of mailbox.fetch(
      listing.arrivals.map(({ handle }) => handle),
      25_000_000,
    )) {
      if (outcome !== 'raw') throw new Error(`A message was ${outcome}.`);
      messages += 1;
    }
    fetchMs += performance.now() - begun;
    ({ position, more } = listing);
  }
  if (messages !== count) throw new Error(`${messages} messages came instead of ${count}.`);
  await mailbox.close();
  return fetchMs;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

export interface Pop3Ratios {
  /** Adapter against a raw pipelined socket, 2,000 × 20 KB on loopback: `list` and `fetch` in one page, and `fetch` alone. */
  wholePoll: number;
  fetchOnly: number;
  /** The same in pages of 50, as the intake does it. */
  pages: number;
  /** How many times faster than lock step at 50 ms round trip, 200 × 20 KB. */
  fasterThanLockStep: number;
}

/** Runs all of it in turns, so that a busy machine slows each alike, and takes medians. */
export async function benchPop3(print: (line: string) => void): Promise<Pop3Ratios> {
  const dovecot = await startDovecot();
  try {
    const line = `${'x'.repeat(76)}\r\n`;
    const body = line.repeat(size / line.length);
    const messages = (count: number) => Array.from({ length: count }, (_, n) => `Subject: mail ${n}\r\n\r\n${body}`);
    await dovecot.append('alice', messages(200));
    const far = await startDelay(dovecot.ports.pop3s, 25);
    const lockStep = await timed(() => raw(dovecot, far.port, 200, 1));
    const ahead = await timed(() => adapter(dovecot, far.port, 200, 200));
    far.stop();
    const row = (name: string, ms: number, ratio: number) =>
      print(`${name.padEnd(52)}${ms.toFixed(0).padStart(8)} ms${ratio.toFixed(2).padStart(8)}`);
    print('POP3, 200 × 20 KB at 50 ms round trip');
    row('raw socket in lock step', lockStep, 1);
    row('adapter: sign in, list, fetch', ahead, ahead / lockStep);

    await dovecot.append('alice', messages(1_800));
    const port = dovecot.ports.pop3s;
    const times = { raw: [] as number[], poll: [] as number[], fetch: [] as number[], pages: [] as number[] };
    for (let round = 0; round <= rounds; round++) {
      let fetchMs = 0;
      const rawMs = await timed(() => raw(dovecot, port, 2_000, 2_000));
      const pollMs = await timed(async () => {
        fetchMs = await adapter(dovecot, port, 2_000, 2_000);
      });
      const pagesMs = await timed(() => adapter(dovecot, port, 2_000, 50));
      // The first round only warms up.
      if (round === 0) continue;
      times.raw.push(rawMs);
      times.poll.push(pollMs);
      times.fetch.push(fetchMs);
      times.pages.push(pagesMs);
    }
    const base = median(times.raw);
    print('POP3, 2,000 × 20 KB over TLS on loopback');
    row('raw pipelined socket', base, 1);
    row('adapter: fetch', median(times.fetch), median(times.fetch) / base);
    row('adapter: sign in, list, fetch', median(times.poll), median(times.poll) / base);
    row('adapter: sign in, list, fetch in pages of 50', median(times.pages), median(times.pages) / base);
    return {
      wholePoll: median(times.poll) / base,
      fetchOnly: median(times.fetch) / base,
      pages: median(times.pages) / base,
      fasterThanLockStep: lockStep / ahead,
    };
  } finally {
    await dovecot.stop();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const ratios = await benchPop3((line) => process.stdout.write(`${line}\n`));
  process.stdout.write(`${JSON.stringify(ratios)}\n`);
}
