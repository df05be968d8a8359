import { connect } from 'node:tls';
import type { SettingsOf } from '../../src/domain/connection';
import type { Mailbox } from '../../src/domain/ports';
import { gatewayMailbox } from '../../src/mail/gateway-client';
import { imapMailbox } from '../../src/mail/imap/mailbox';
import { dovecotSettings } from '../live/imap-account';
import { type Dovecot, startDovecot } from '../support/dovecot';
import { spawnGateway } from './gateway-process';

/**
 * How long it takes to fetch a mailbox, as a multiple of a bare TLS socket that sends one FETCH and throws the answer away.
 * `npx tsx test/bench/imap-fetch.ts [rounds]`
 */

const maxBytes = 50 * 1024 * 1024;
const rounds = Number(process.argv[2] ?? 5);

async function rawSocket(dovecot: Dovecot, user: string): Promise<void> {
  const socket = connect({ host: 'localhost', port: dovecot.ports.imaps, ca: dovecot.ca });
  socket.write(`a LOGIN ${user} secret\r\n`);
  let tail = '';
  let isSelected = false;
  for await (const chunk of socket) {
    tail = (tail + Buffer.from(chunk.subarray(-2_000)).toString('latin1')).slice(-2_000);
    if (!isSelected && /^a OK/m.test(tail)) {
      isSelected = true;
      socket.write('b SELECT INBOX\r\nc UID FETCH 1:* (UID BODY.PEEK[])\r\n');
    }
    if (/^c OK/m.test(tail)) break;
  }
}

async function fetchMailbox(mailbox: Mailbox, expected: number): Promise<void> {
  const handles: string[] = [];
  let position: string | null = null;
  for (let more = true; more; ) {
    const listing = await mailbox.list(position, 1_000);
    handles.push(...listing.arrivals.map(({ handle }) => handle));
    ({ position, more } = listing);
  }
  let count = 0;
  for await (const fetched of mailbox.fetch(handles, maxBytes)) if (fetched.outcome === 'raw') count += 1;
  await mailbox.close();
  if (count !== expected) throw new Error(`${count} messages came, not ${expected}.`);
}

/** The best time of each, in turns, so that whatever else the machine does meets them all alike. */
async function best(runs: readonly (() => Promise<void>)[]): Promise<number[]> {
  const least = runs.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    for (const [index, run] of runs.entries()) {
      const startedAt = performance.now();
      await run();
      least[index] = Math.min(least[index] ?? 0, performance.now() - startedAt);
    }
  }
  return least;
}

async function main(): Promise<void> {
  const dovecot = await startDovecot({ users: { small: 'secret', large: 'secret' } });
  const gateway = await spawnGateway();
  try {
    const line = `${'x'.repeat(76)}\r\n`;
    const mail = (bytes: number) => `Subject: bench\r\n\r\n${line.repeat(bytes / line.length)}`;
    await dovecot.append(
      'small',
      Array.from({ length: 2_000 }, () => mail(20_000)),
    );
    await dovecot.append(
      'large',
      Array.from({ length: 20 }, () => mail(10_000_000)),
    );
    const deps = { resolve: async () => ['127.0.0.1'], allowPlaintext: false };
    for (const [user, count, what] of [
      ['small', 2_000, '2,000 mails of 20 KB'],
      ['large', 20, '20 mails of 10 MB'],
    ] as const) {
      const settings: SettingsOf<'imap'> = dovecotSettings(dovecot, 'tls', { username: user });
      const [raw = 0, direct = 0, remote = 0] = await best([
        () => rawSocket(dovecot, user),
        () => fetchMailbox(imapMailbox(settings, { password: 'secret' }, deps), count),
        () => fetchMailbox(gatewayMailbox(gateway.invoke(), settings, { password: 'secret' }), count),
      ]);
      const row = (name: string, ms: number) =>
        `  ${name.padEnd(28)}${ms.toFixed(0).padStart(6)} ms  ${(ms / raw).toFixed(2)}\n`;
      process.stdout.write(
        `${what}\n${row('raw TLS socket', raw)}${row('imap adapter', direct)}${row('through the gateway', remote)}`,
      );
    }
  } finally {
    await gateway.stop();
    await dovecot.stop();
  }
}

await main();
