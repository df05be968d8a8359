import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { runTool } from '../platform/atlassian-tools';
import { type MeasuredFile, measureFile, partsOf } from './bundle-parts';
import { printTable } from './table';

/** The app as Atlassian's bundler makes it: its size and what takes it up, and what a cold start pays for loading it. */

const { file = '' } = runTool('bundle');
const start = await measureFile(file);
const later: MeasuredFile[] = [];
for (const name of readdirSync(dirname(file)).filter((name) => name.endsWith('.cjs'))) {
  const path = join(dirname(file), name);
  if (path !== file) later.push(await measureFile(path));
}

const globals = 'globalThis.__forge_runtime__ = { metrics: { counter: () => ({ incr() {} }) } };';
const measure = (script: string, value: string) =>
  Number(
    execFileSync(process.execPath, ['--expose-gc', '-e', `${script} console.log(${value})`], { encoding: 'utf8' }),
  );
/** Of the processor, which other programs on the machine change less than the time on the clock. */
const loadMs = (script: string) =>
  Math.min(...Array.from({ length: 7 }, () => measure(script, 'process.cpuUsage().user / 1000')));
const heapBytes = (script: string) => measure(`${script} gc();`, 'process.memoryUsage().heapUsed');
const load = `${globals} require(${JSON.stringify(file)});`;
const empty = loadMs(globals);
const loaded = loadMs(load);

const sizes = (name: string, files: readonly MeasuredFile[]) => {
  const total = (size: (file: MeasuredFile) => number) => files.reduce((sum, one) => sum + size(one), 0) / 1_000;
  return [
    name,
    total(({ code }) => code.length),
    total(({ minified }) => minified.length),
    total(({ minified }) => gzipSync(minified).length),
  ];
};
printTable(
  ['bundle', 'KB', 'KB minified', 'gzip'],
  [sizes('loaded at the start', [start]), sizes('loaded when needed', later), sizes('all', [start, ...later])],
);

process.stdout.write('\n');
printTable(
  ['cold start', 'ms of processor to load', 'ratio to Node alone', 'MB of heap'],
  [['app', loaded - empty, loaded / empty, (heapBytes(load) - heapBytes(globals)) / 1_000_000]],
);

process.stdout.write('\nLargest packages in the bundle, in bytes of minified code\n');
printTable(
  ['package', 'modules', 'bytes', 'of these at the start'],
  partsOf(start, later)
    .slice(0, 30)
    .map(({ name, modules, bytes, bytesAtStart }) => [name, modules, bytes, bytesAtStart]),
);
