import { startDovecot } from '../support/dovecot';
import { countingProxy, startProduct } from '../support/product';
import { printTable } from './table';

/** What a poll costs that finds nothing new, on a warm session, whatever the mailbox holds; and in a month at Forge's prices. */

/** Planned windows of five minutes. */
const windows = 10;
/** USD for a GB-second, a GB read and a GB written (Forge's price list), after the free allowance. */
const price = { gbSecond: 0.000025, gbRead: 0.055, gbWritten: 1.09 };
const pollsAMonth = 30 * 24 * 60;

const dovecot = await startDovecot({ users: { ten: 'secret', many: 'secret' } });
const product = await startProduct();
const proxy = await countingProxy(dovecot.ports.imaps);
try {
  const rows: (string | number)[][] = [];
  await product.duePolls();
  const unplanned = product.forge.usage().kvs.reads;
  await product.duePolls();
  const planning = product.forge.usage().kvs.reads - unplanned;
  for (const [user, count] of [
    ['ten', 10],
    ['many', 100_000],
  ] as const) {
    await dovecot.append(
      user,
      Array.from({ length: count }, (_, index) => `Subject: ${index}\r\n\r\nx\r\n`),
    );
    const { id, version } = await product.connect(dovecot, user, {
      port: proxy.port,
      start: 'now',
      settings: { timeoutMs: 60_000 },
    });
    await product.duePolls();
    const before = product.forge.usage();
    const tripsBefore = proxy.roundTrips();
    const pointsBefore = product.jira.points();
    for (let window = 0; window < windows; window += 1) await product.duePolls();
    const after = product.forge.usage();
    const polls = (after.invocations.poll?.count ?? 0) - (before.invocations.poll?.count ?? 0);
    const each = (value: number) => value / polls;
    const gbSeconds = each((after.invocations.poll?.gbSeconds ?? 0) - (before.invocations.poll?.gbSeconds ?? 0));
    const bytesRead = each(after.kvs.bytesRead - before.kvs.bytesRead);
    const bytesWritten = each(after.kvs.bytesWritten - before.kvs.bytesWritten);
    const dollars = gbSeconds * price.gbSecond + (bytesRead * price.gbRead + bytesWritten * price.gbWritten) / 2 ** 30;
    rows.push([
      `${count.toLocaleString('en')} mails`,
      each(after.kvs.reads - before.kvs.reads - windows * planning),
      each(after.kvs.writes - before.kvs.writes),
      each((after.egress['remote:gateway'] ?? 0) - (before.egress['remote:gateway'] ?? 0)),
      each(proxy.roundTrips() - tripsBefore),
      each(product.jira.points() - pointsBefore),
      gbSeconds,
      dollars * pollsAMonth,
    ]);
    await product.call('connections.delete', { id, version });
  }
  printTable(
    [
      'idle poll of a mailbox with',
      'KVS reads',
      'KVS writes',
      'gateway calls',
      'round trips',
      'Jira points',
      'GB-seconds',
      'USD a month, each minute',
    ],
    rows,
  );
} finally {
  await proxy.close();
  await product.close();
  await dovecot.stop();
}
