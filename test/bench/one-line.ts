import { describe } from '../../src/jira/description';
import { parseMessage } from '../../src/mail/mime';
import { draftOf } from '../jira/drafts';
import { hostileLines } from '../support/hostile-lines';
import { printTable } from './table';

/** Mails of 1 MB on one line, from raw bytes to the document that Jira gets: milliseconds of the processor, the dearest first. */

const bytes = 1_000_000;
const most = 300;

async function cost(raw: Buffer): Promise<number> {
  const tries: number[] = [];
  for (let attempt = 0; attempt < 3; attempt++) {
    const started = process.cpuUsage();
    describe(draftOf(await parseMessage(raw)));
    const { user, system } = process.cpuUsage(started);
    tries.push((user + system) / 1_000);
  }
  return Math.min(...tries);
}

const rows: [string, number][] = [];
for (const [what, unit] of Object.entries(hostileLines)) {
  for (const kind of ['plain', 'html']) {
    const head = `Subject: x\r\nContent-Type: text/${kind}; charset=utf-8\r\n\r\n`;
    rows.push([
      `${kind}: ${what}`,
      await cost(Buffer.from(head + unit.repeat(Math.ceil(bytes / Buffer.byteLength(unit))))),
    ]);
  }
}
rows.sort(([, one], [, other]) => other - one);
printTable(['1 MB on one line', 'ms of processor'], rows.slice(0, 15));
const [dearest] = rows;
if (dearest !== undefined && dearest[1] > most) {
  process.stderr.write(`${dearest[0]} takes more than ${most} ms.\n`);
  process.exitCode = 1;
}
