import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { imapMailbox } from '../../src/mail/imap/mailbox';
import { dovecotSettings } from '../live/imap-account';
import { startDovecot } from '../support/dovecot';
import { printTable } from './table';

/** A large mailbox of which every second message is unread: the search that names them all. */
const messages = 80_000;
/** Messages whose flags one command of doveadm sets: below what a command line takes. */
const atOnce = 8_000;

/** How long an estimate takes, and how long it holds the thread, which serves others too. */
async function measure(): Promise<void> {
  const dovecot = await startDovecot({ users: { ada: 'secret' } });
  try {
    await dovecot.append(
      'ada',
      Array.from({ length: messages }, () => 'Subject: a\r\n\r\nx\r\n'),
    );
    const even = Array.from({ length: messages / 2 }, (_, index) => 2 * index + 2);
    for (let start = 0; start < even.length; start += atOnce) {
      const uids = even.slice(start, start + atOnce).join(',');
      await dovecot.doveadm('flags', 'add', '-u', 'ada', '\\Seen', 'mailbox', 'INBOX', 'uid', uids);
    }
    const settings = dovecotSettings(dovecot, 'tls', { username: 'ada', timeoutMs: 60_000 });
    const deps = { resolve: async () => ['127.0.0.1'], allowPlaintext: false };
    const mailbox = imapMailbox(settings, { password: 'secret' }, deps);
    const blocks = monitorEventLoopDelay({ resolution: 5 });
    const rows = [];
    for (const from of ['now', 'unread', 'everything'] as const) {
      blocks.reset();
      blocks.enable();
      const began = performance.now();
      const { count } = await mailbox.estimate({ from });
      blocks.disable();
      rows.push([from, count ?? '?', Math.round(performance.now() - began), Math.round(blocks.max / 1e6)]);
    }
    await mailbox.close();
    printTable(['start', 'messages', 'ms', 'longest block, ms'], rows);
  } finally {
    await dovecot.stop();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await measure();
