import { startDovecot } from '../support/dovecot';
import { startProduct } from '../support/product';
import { printTable } from './table';

/**
 * Mail from Dovecot to issues of the emulator, through the gateway: how many a second, and what each costs. The emulator's
 * clock runs ahead, since it limits the storage to Forge's 4,000 writes a minute, which this is faster than.
 */

const mails = 1_000;
const dovecot = await startDovecot({ users: { ada: 'secret' } });
const product = await startProduct();
const clock = setInterval(() => void product.forge.advance(20), 50);
try {
  const body = `${'x'.repeat(76)}\r\n`.repeat(256);
  await dovecot.append(
    'ada',
    Array.from({ length: mails }, (_, index) => `From: a@example.org\r\nSubject: Mail ${index}\r\n\r\n${body}`),
  );
  const before = product.forge.usage();
  const startedAt = performance.now();
  const { id } = await product.connect(dovecot, 'ada');
  while (product.summaries().length < mails) await product.poll(id);
  const seconds = (performance.now() - startedAt) / 1_000;
  const after = product.forge.usage();
  const each = (value: number) => value / mails;
  printTable(
    ['mails of 20 KB', 'a second', 'KVS reads each', 'KVS writes each', 'GB-seconds each', 'requests to Jira each'],
    [
      [
        mails.toLocaleString('en'),
        mails / seconds,
        each(after.kvs.reads - before.kvs.reads),
        each(after.kvs.writes - before.kvs.writes),
        each((after.invocations.poll?.gbSeconds ?? 0) - (before.invocations.poll?.gbSeconds ?? 0)),
        each((after.egress.jira ?? 0) - (before.egress.jira ?? 0)),
      ],
    ],
  );
  printTable(
    ['one mail', 'requests to Jira', 'Jira points'],
    [await costOf('without attachments', 0), await costOf('with 5 attachments', 5), await costOf('with 60', 60)],
  );

  /** What Jira counts for one mail that is polled. */
  async function costOf(name: string, files: number): Promise<(string | number)[]> {
    const file = (index: number) => `--b\r\nContent-Disposition: attachment; filename=${index}.txt\r\n\r\n${index}\r\n`;
    const parts = Array.from({ length: files }, (_, index) => file(index)).join('');
    const head = 'From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n';
    await dovecot.append('ada', [`Subject: ${name}\r\n${head}\r\n--b\r\n\r\nText\r\n${parts}--b--\r\n`]);
    const made = product.summaries().length;
    await product.call('connections.poll', { id });
    const requests = product.forge.usage().egress.jira ?? 0;
    const points = product.jira.points();
    await product.forge.drain();
    if (product.summaries().length !== made + 1) throw new Error(`The mail ${name} became no issue.`);
    return [name, (product.forge.usage().egress.jira ?? 0) - requests, product.jira.points() - points];
  }
} finally {
  clearInterval(clock);
  await product.close();
  await dovecot.stop();
}
