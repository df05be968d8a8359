import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { transform } from 'esbuild';
import { runTool } from '../platform/atlassian-tools';
import { printTable } from './table';

/** The app as Atlassian's bundler makes it: its size, and how long a cold start loads it against an empty module. */

const { file = '' } = runTool('bundle');
const code = readFileSync(file, 'utf8');
const { code: minified } = await transform(code, { minify: true, target: 'node22' });

const globals = 'globalThis.__forge_runtime__ = { metrics: { counter: () => ({ incr() {} }) } };';
const loadMs = (script: string) => {
  const times = Array.from({ length: 7 }, () => {
    const started = performance.now();
    execFileSync(process.execPath, ['-e', script]);
    return performance.now() - started;
  });
  return Math.min(...times);
};
const empty = loadMs(globals);
const loaded = loadMs(`${globals} require(${JSON.stringify(file)})`);
printTable(
  ['bundle', 'KB', 'KB minified', 'KB minified, gzip', 'ms to load (Node alone: 0)', 'ratio to Node alone'],
  [
    [
      'app',
      code.length / 1_000,
      minified.length / 1_000,
      gzipSync(minified).length / 1_000,
      loaded - empty,
      loaded / empty,
    ],
  ],
);
