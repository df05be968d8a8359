import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { prepareMachine } from './support/prepare';

/**
 * `npm test`: installs what is missing, checks types and style, builds the pages, then runs every test file, or those whose
 * path contains one of the words given: `npm test -- jira intake`.
 */
const words = process.argv.slice(2);

function step(title: string, command: string, args: readonly string[]): void {
  process.stdout.write(`\n${title}\n`);
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

prepareMachine();
if (words.length === 0) {
  step('Types', 'npx', ['tsc', '--noEmit']);
  step('Style', 'npx', ['biome', 'check']);
}
step('Pages', 'npm', ['run', '--silent', 'build']);

const files = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && (words.length === 0 || words.some((word) => name.includes(word))))
  .map((name) => `test/${name}`)
  .sort();
if (files.length === 0) {
  process.stderr.write(`No test file matches ${words.join(' ')}.\n`);
  process.exit(1);
}
const concurrency = `--test-concurrency=${Math.min(2, availableParallelism())}`;
step(`Tests: ${files.length} files`, process.execPath, ['--import', 'tsx', '--test', concurrency, ...files]);
