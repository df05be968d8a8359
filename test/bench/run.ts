import { spawnSync } from 'node:child_process';

/** `npm run bench`: every measurement, or those named: `npm run bench -- idle-poll bundle`. Numbers are ratios within one run where they can be. */
const usual = [
  'estimate',
  'imap-fetch',
  'pop3-fetch',
  'smtp-send',
  'gateway',
  'idle-poll',
  'throughput',
  'memory',
  'bundle',
  'one-line',
];
/** Take minutes, `soak` a quarter of an hour and more, and so run by their names only. */
const all = [...usual, 'gateway-load', 'soak'];
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`There is no measurement ${unknown.join(', ')}; there are ${all.join(', ')}.\n`);
  process.exit(1);
}
for (const name of wanted.length > 0 ? wanted : usual) {
  process.stdout.write(`\n# ${name}\n`);
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', '--expose-gc', `test/bench/${name}.ts`], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
