import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { prepareMachine } from './support/prepare';

/**
 * `npm test`: installs what is missing, checks types and style, builds the pages, then runs every test file, or those whose
 * path contains one of the words given: `npm test -- jira intake`. `npm test -- quick` leaves out what takes long.
 */
const isQuick = process.argv[2] === 'quick';
const words = process.argv.slice(isQuick ? 3 : 2);
/** Real servers, real browsers, and sweeps over every moment of a poll. */
const slow = /^(live|ui|soak)\/|sweep/;

function step(title: string, command: string, args: readonly string[], env: Record<string, string> = {}): void {
  process.stdout.write(`\n${title}\n`);
  const { status } = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  if (status !== 0) process.exit(status ?? 1);
}

prepareMachine();
if (words.length === 0) {
  step('Types', 'npx', ['tsc', '--noEmit']);
  step('Style', 'npx', ['biome', 'check']);
}
step('Pages', 'npm', ['run', '--silent', 'build']);

const files = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && !(isQuick && slow.test(name)))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .map((name) => `test/${name}`)
  .sort();
if (files.length === 0) {
  process.stderr.write(`No test file matches ${words.join(' ')}.\n`);
  process.exit(1);
}
const concurrency = `--test-concurrency=${Math.min(2, availableParallelism())}`;
/**
 * What FORGE.md leaves open is answered otherwise here: error codes that are published nowhere. These are the tests of what reads
 * codes; the whole fault matrix runs so with `FORGE_CODES=other npm test -- faults`.
 */
const codeTests = /^test\/(store|alerts)\/|^test\/faults\/store|^test\/oauth\/access-token|^test\/resolvers\/two-saves/;
const alsoWithOtherCodes = process.env.FORGE_CODES === undefined ? files.filter((name) => codeTests.test(name)) : [];

const run = ['--import', 'tsx', '--test', concurrency];
step(`Tests: ${files.length} files`, process.execPath, [...run, ...files]);
if (alsoWithOtherCodes.length > 0) {
  const title = `Tests with other codes: ${alsoWithOtherCodes.length} files`;
  step(title, process.execPath, [...run, ...alsoWithOtherCodes], { FORGE_CODES: 'other' });
}
