import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** What the documents for people say of the tree: each path, function and link in them must be there. */

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('/dist'))
    .map(({ parentPath, name }) => posix.join(parentPath, name));

const folders = ['.ci', 'docs', 'src', 'static', 'test'];
const files = [
  ...readdirSync('.', { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : [])),
  ...folders.flatMap(filesBelow),
];
const all = files.map((path) => `/${path}`);
const sources = files
  .filter((path) => /^(src|static|test)\/.*\.tsx?$/.test(path) && path !== 'test/documents.test.ts')
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n');

const named = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'test/emulator/README.md'];
const documents = [
  ...named.filter((path) => existsSync(path)),
  ...filesBelow('docs').filter((path) => path.endsWith('.md')),
];

/** The words of a text's code: between backticks, in fences, and in lines that are indented by four blanks. */
function codeWords(text: string): string[] {
  const fence = /^```[^\n]*\n(.*?)^```$/gms;
  const fenced = [...text.matchAll(fence)].map(([, code = '']) => code);
  const rest = text.replace(fence, '');
  const spans = [...rest.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  const indented = rest.split('\n').filter((line) => line.startsWith('    '));
  return [...fenced, ...spans, ...indented].flatMap((code) => code.split(/[\s:,;]+/)).filter((word) => word !== '');
}

/** A path from the root, or the name of a file by which it can be found. What a build makes, and what is elsewhere, is neither. */
function isPath(word: string): boolean {
  if (!/^[\w.*-]+(\/[\w.*-]+)*\/?$/.test(word) || /(^|\/)dist(\/|$)/.test(word)) return false;
  const [first = ''] = word.split('/');
  return (folders.includes(first) && word.includes('/')) || /\w\.(tsx?|md|json|ya?ml|cfg|service)$/.test(word);
}

/** A file or folder of that path, or of that name anywhere; "*" stands for any part of a name. */
function isThere(path: string): boolean {
  const parts = path.replace(/\/$/, '').split('*');
  const pattern = parts.map((part) => part.replaceAll('.', '\\.')).join('[^/]*');
  const root = folders.includes(path.split('/')[0] ?? '') ? '^/' : '/';
  const found = new RegExp(`${root}${pattern}(/|$)`);
  return all.some((file) => found.test(file));
}

const missingPaths = (text: string) => codeWords(text).filter((word) => isPath(word) && !isThere(word));

const missingFunctions = (text: string) =>
  codeWords(text).filter((word) => {
    const [, name] = /^([A-Za-z]\w*)\(\)$/.exec(word) ?? [];
    return name !== undefined && !new RegExp(`\\b${name}\\b`).test(sources);
  });

const missingLinks = (document: string, text: string) =>
  [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(posix.join(posix.dirname(document), target)));

const told = (find: (text: string, document: string) => string[]) =>
  documents.flatMap((document) => find(readFileSync(document, 'utf8'), document).map((word) => `${document}: ${word}`));

test('every path that a document names is there', () => {
  assert.deepEqual(told(missingPaths), []);
});

test('every function that a document names is there', () => {
  assert.deepEqual(told(missingFunctions), []);
});

test('every link of a document leads somewhere', () => {
  assert.deepEqual(
    told((text, document) => missingLinks(document, text)),
    [],
  );
});

test('every decision is in the list of decisions', () => {
  const list = readFileSync('docs/adr/README.md', 'utf8');
  const decisions = readdirSync('docs/adr').filter((name) => /^\d{4}-/.test(name));
  assert.ok(decisions.length > 10);
  assert.deepEqual(
    decisions.filter((name) => !list.includes(`](${name})`)),
    [],
  );
});

test('what is not there would be found', () => {
  const text =
    'See `src/none.ts`, `test/none/`, `none.test.ts` and `src/none-*.ts`.\n\n    npx tsx --test test/none.test.ts\n';
  assert.deepEqual(missingPaths(text), [
    'src/none.ts',
    'test/none/',
    'none.test.ts',
    'src/none-*.ts',
    'test/none.test.ts',
  ]);
  assert.deepEqual(
    missingPaths('`src/index.ts`, `src/mail/`, `index.ts`, `test/fault*/sweep-*.test.ts`, `a/b` and `dist/x.ts`'),
    [],
  );
  assert.deepEqual(missingFunctions(`\`noSuch${'Function'}()\` and \`pollConnection()\``), [`noSuch${'Function'}()`]);
  assert.deepEqual(
    missingLinks('docs/a.md', '[a](none.md), [b](gateway.md#x), [c](../README.md), [d](https://a.test)'),
    ['none.md'],
  );
});
