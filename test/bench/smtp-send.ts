import { createTransport } from 'nodemailer';
import type { ComposedMail } from '../../src/domain/mailer';
import { composeMail } from '../../src/mail/compose';
import { smtpMailer } from '../../src/mail/smtp/mailer';
import { serverCredentials } from '../emulator/mail-server/certificates';
import { startOutgoingServer } from '../emulator/mail-server/outgoing';
import { attachment, outgoingMail } from '../support/outgoing-mail';
import { printTable } from './table';

/**
 * 500 mails of 20 KB through one SMTP session over TLS: composed and sent by Letterbox, and by nodemailer's own pooled
 * transport with one connection, in turns. A ratio of 1 is nodemailer's speed; below 0.7 it fails.
 * `npm run bench -- smtp-send`
 */

const count = 500;
const rounds = Number(process.argv[2] ?? 3);
const least = 0.7;
const user = 'support@example.com';
const pass = 'secret';

const content = Buffer.alloc(14_000, 'some text of an attachment, ');
const source = outgoingMail({ attachments: [attachment({ content })] });

async function main(): Promise<void> {
  const certificates = serverCredentials(null, ['localhost', '127.0.0.1']);
  const server = await startOutgoingServer({ ...certificates, users: { [user]: pass } });
  const composed: ComposedMail[] = [];
  for (let n = 0; n < count; n++) composed.push(await composeMail(source, { rawBytes: 1_000_000 }));
  const bytes = composed[0]?.raw.byteLength ?? 0;

  const transport = () =>
    createTransport({
      pool: true,
      maxConnections: 1,
      maxMessages: Number.POSITIVE_INFINITY,
      host: 'localhost',
      port: server.ports.smtps,
      secure: true,
      auth: { user, pass },
      tls: { ca: certificates.ca },
    });
  const mailer = () =>
    smtpMailer(
      {
        encryption: 'tls',
        host: 'localhost',
        port: server.ports.smtps,
        username: user,
        timeoutMs: 10_000,
        privateCa: certificates.ca,
      },
      { password: pass },
      { resolve: async () => ['127.0.0.1'], allowPlaintext: false },
    );

  const runs: Record<string, () => Promise<void>> = {
    'nodemailer pool': async () => {
      const pool = transport();
      await Promise.all(composed.map(({ envelope, raw }) => pool.sendMail({ envelope, raw: Buffer.from(raw) })));
      pool.close();
    },
    'smtp adapter': async () => {
      const own = mailer();
      for (const mail of composed) await own.send(mail);
      await own.close();
    },
    'nodemailer pool, composing': async () => {
      const pool = transport();
      const mail = {
        from: user,
        to: 'ada@example.org',
        subject: 'Hello',
        text: 'Good morning.',
        attachments: [{ filename: 'notes.txt', content }],
      };
      await Promise.all(composed.map(() => pool.sendMail(mail)));
      pool.close();
    },
    'compose and smtp adapter': async () => {
      const own = mailer();
      for (let n = 0; n < count; n++) await own.send(await composeMail(source, { rawBytes: 1_000_000 }));
      await own.close();
    },
  };
  const best: Record<string, number> = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(runs)) {
      const before = server.received().length;
      const connectionsBefore = server.connections();
      const startedAt = performance.now();
      await run();
      const took = performance.now() - startedAt;
      if (server.received().length !== before + count) throw new Error(`${name}: not every mail arrived.`);
      if (server.connections() !== connectionsBefore + 1) throw new Error(`${name}: more than one connection.`);
      best[name] = Math.min(best[name] ?? Number.POSITIVE_INFINITY, took);
    }
  }
  await server.close();
  const speed = (ours: string, theirs: string) => (best[theirs] ?? 0) / (best[ours] ?? 1);
  const ratios: Record<string, number> = {
    'smtp adapter': speed('smtp adapter', 'nodemailer pool'),
    'compose and smtp adapter': speed('compose and smtp adapter', 'nodemailer pool, composing'),
  };
  printTable(
    [`${count} mails of ${(bytes / 1000).toFixed(0)} KB`, 'ms', 'mails a second', 'speed / nodemailer'],
    Object.entries(best).map(([name, ms]) => [
      name,
      Math.round(ms),
      Math.round((count / ms) * 1_000),
      ratios[name]?.toFixed(2) ?? '1',
    ]),
  );
  const slow = Object.entries(ratios).filter(([, ratio]) => ratio < least);
  if (slow.length > 0) {
    process.stderr.write(`Slower than ${least} of nodemailer: ${slow.map(([name]) => name).join(', ')}.\n`);
    process.exitCode = 1;
  }
}

await main();
