import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { runTool } from '../platform/atlassian-tools';
import { measureBundle } from './bundle-parts';
import { printTable } from './table';

/** The app as Atlassian's bundler makes it: its size and what takes it up, and what a cold start pays for loading it. */

const { file = '' } = runTool('bundle');
const { code, minified, parts } = await measureBundle(file);

const globals = 'globalThis.__forge_runtime__ = { metrics: { counter: () => ({ incr() {} }) } };';
const run = (script: string) => execFileSync(process.execPath, ['--expose-gc', '-e', script], { encoding: 'utf8' });
const loadMs = (script: string) => {
  const times = Array.from({ length: 7 }, () => {
    const started = performance.now();
    run(script);
    return performance.now() - started;
  });
  return Math.min(...times);
};
const heapBytes = (script: string) => Number(run(`${script} gc(); console.log(process.memoryUsage().heapUsed)`));
const load = `${globals} require(${JSON.stringify(file)});`;
const empty = loadMs(globals);
const loaded = loadMs(load);

printTable(
  ['bundle', 'KB', 'KB minified', 'gzip', 'ms to load (Node alone: 0)', 'ratio to Node alone', 'MB of heap'],
  [
    [
      'app',
      code.length / 1_000,
      minified.length / 1_000,
      gzipSync(minified).length / 1_000,
      loaded - empty,
      loaded / empty,
      (heapBytes(load) - heapBytes(globals)) / 1_000_000,
    ],
  ],
);

process.stdout.write('\nLargest packages in the bundle\n');
printTable(
  ['package', 'modules', 'bytes minified', 'percent'],
  parts.slice(0, 30).map(({ name, modules, bytes }) => [name, modules, bytes, (100 * bytes) / minified.length]),
);
