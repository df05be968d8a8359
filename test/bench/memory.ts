import { startDovecot } from '../support/dovecot';
import { startProduct } from '../support/product';
import { printTable } from './table';

/** The most memory that this process holds while the app polls one large mail; the gateway is a process of its own. */

const attachmentMb = 18;
const dovecot = await startDovecot({ users: { ada: 'secret' } });
const product = await startProduct();
try {
  const content = Buffer.alloc(attachmentMb * 1024 * 1024, 'abc')
    .toString('base64')
    .replace(/.{76}/g, '$&\r\n');
  const large = `From: a@example.org\r\nSubject: Large\r\nMIME-Version: 1.0\r\nContent-Type: application/pdf; name="a.pdf"\r\nContent-Disposition: attachment; filename="a.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n${content}\r\n`;
  const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024);
  await dovecot.append('ada', [large]);
  const size = megabytes(large.length);
  globalThis.gc?.();
  const idle = process.memoryUsage().rss;
  let most = idle;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 5);
  await product.connect(dovecot, 'ada', { settings: { timeoutMs: 60_000 } });
  clearInterval(watch);
  if (product.summaries().length !== 1) throw new Error('The mail did not become an issue.');
  printTable(
    ['mail (MB)', 'before the poll (MB, with the emulator)', 'peak (MB)', 'limit of the function (MB)'],
    [[size, megabytes(idle), megabytes(most), 512]],
  );
} finally {
  await product.close();
  await dovecot.stop();
}
