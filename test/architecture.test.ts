import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

interface SourceFile {
  /** Relative to the root, with "/" between levels. */
  path: string;
  text: string;
  /** What it imports: a path relative to the root for our own files, else the package's name as written. */
  imports: { target: string; typeOnly: boolean }[];
}

function filesIn(folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => /\.tsx?$/.test(path) && !path.includes('/dist/') && statSync(join(root, path)).isFile())
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, imports: importsOf(path, text) };
    });
}

function importsOf(path: string, text: string): SourceFile['imports'] {
  const found = text.matchAll(
    /^(?:import|export)\s+(type\s)?[^;'"]*?from\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm,
  );
  return [...found].map(([, type, from, bare, dynamic]) => {
    const target = from ?? bare ?? dynamic ?? '';
    const isOwn = target.startsWith('.');
    return {
      target: isOwn ? relative(root, normalize(join(root, dirname(path), target))) : target,
      typeOnly: type !== undefined,
    };
  });
}

const source = filesIn('src');
const pages = filesIn('static');
const tests = filesIn('test');

const adapters = ['mail', 'notify', 'oauth', 'jira', 'confluence', 'store'];
const useCases = ['intake', 'outbound', 'alerts', 'diagnosis', 'migration'];
const entries = ['resolvers', 'triggers', 'gateway'];

const folderOf = (path: string) => path.split('/')[1] ?? '';
const isOwn = (target: string) => target.startsWith('src/');

/** Files of ours that a file of this folder may import, by their folder. */
function mayImport(from: string): readonly string[] {
  if (from === 'domain') return ['domain'];
  if (useCases.includes(from)) return ['domain', from];
  if (adapters.includes(from)) return ['domain', from];
  // The gateway is a program of its own: it wires the mail adapters that run on its side.
  if (from === 'gateway') return ['domain', 'gateway', 'mail'];
  if (entries.includes(from)) return ['domain', from, ...useCases];
  throw new Error(`"src/${from}" is no folder of the architecture.`);
}

/** Checks one rule for every import and lists what breaks it. */
function offenders(
  files: readonly SourceFile[],
  breaks: (file: SourceFile, target: string, typeOnly: boolean) => boolean,
): string[] {
  return files.flatMap((file) =>
    file.imports
      .filter(({ target, typeOnly }) => breaks(file, target, typeOnly))
      .map(({ target }) => `${file.path} imports ${target}`),
  );
}

const breaksDirection = (file: SourceFile, target: string): boolean => {
  if (!isOwn(target) || target === 'src/log') return false;
  const from = folderOf(file.path);
  if (file.path === 'src/index.ts' || file.path === 'src/log.ts') return false;
  return !mayImport(from).includes(folderOf(target));
};

const forgeFolders = ['resolvers', 'triggers', 'jira', 'confluence', 'store'];
const breaksForge = (file: SourceFile, target: string): boolean =>
  target.startsWith('@forge/') &&
  file.path !== 'src/index.ts' &&
  file.path !== 'src/mail/gateway-client.ts' &&
  !forgeFolders.includes(folderOf(file.path));

const tcpModules = /^(imapflow|nodemailer\/lib\/smtp.*|(node:)?(net|tls|dgram))$/;
const tcpFolders = ['src/mail/imap/', 'src/mail/pop3/', 'src/mail/smtp/', 'src/mail/tcp/', 'src/gateway/'];
const breaksTcp = (file: SourceFile, target: string, typeOnly: boolean): boolean =>
  tcpModules.test(target) && !typeOnly && !tcpFolders.some((folder) => file.path.startsWith(folder));

const breaksDomain = (file: SourceFile, target: string): boolean =>
  folderOf(file.path) === 'domain' && !isOwn(target) && target !== 'zod';

const breaksPages = (_file: SourceFile, target: string, typeOnly: boolean): boolean =>
  isOwn(target) && !typeOnly && !target.startsWith('src/domain/') && target !== 'src/resolvers/contract';

test('imports go from entries to use cases to the domain, and adapters never import each other', () => {
  assert.deepEqual(offenders(source, breaksDirection), []);
});

test('the domain knows nothing but itself and its schema library', () => {
  assert.deepEqual(offenders(source, breaksDomain), []);
});

test('the platform is imported only where it is wired', () => {
  assert.deepEqual(offenders(source, breaksForge), []);
});

test('sockets are opened only by what runs in the gateway', () => {
  assert.deepEqual(offenders(source, breaksTcp), []);
});

test('pages take types from the app, and code only from the domain and the contract of the resolvers', () => {
  assert.deepEqual(offenders(pages, breaksPages), []);
});

test('no source file is longer than 300 lines, and no test', () => {
  const long = [...source, ...pages, ...tests]
    .filter(({ text }) => text.split('\n').length > 301)
    .map(({ path }) => path);
  assert.deepEqual(long, []);
});

test('only the log and the gateway write to the console', () => {
  const chatty = [...source, ...pages]
    .filter(
      ({ path, text }) =>
        path !== 'src/log.ts' && /\bconsole\s*(\.\s*(log|info|warn|error|debug|trace)\b|\[)/.test(text),
    )
    .map(({ path }) => path);
  assert.deepEqual(chatty, []);
});

test('names are exported by name, and nothing is exported only to be passed on', () => {
  const barrels = source
    .filter(({ text }) => /^export default|^export \*|^export \{[^}]*\} from/m.test(text))
    .map(({ path }) => path);
  assert.deepEqual(barrels, []);
});

test('relative imports have no extension, as Forge needs it to bundle them, and zod comes as a namespace, which keeps the bundle small', () => {
  const all = [...source, ...pages];
  assert.deepEqual(
    all.filter(({ text }) => /from '\.[^']*\.tsx?'/.test(text)).map(({ path }) => path),
    [],
  );
  assert.deepEqual(
    all.filter(({ text }) => /import (type )?\{[^}]*\} from 'zod'/.test(text)).map(({ path }) => path),
    [],
  );
});

test('the rules find what breaks them', () => {
  const file = (path: string, text: string): SourceFile => ({ path, text, imports: importsOf(path, text) });
  const cases: [(file: SourceFile, target: string, typeOnly: boolean) => boolean, SourceFile][] = [
    [breaksDirection, file('src/domain/a.ts', "import { b } from '../store/b';")],
    [breaksDirection, file('src/store/a.ts', "import { b } from '../jira/b';")],
    [breaksDirection, file('src/intake/a.ts', "import {\n  b,\n} from '../mail/b';")],
    [breaksDomain, file('src/domain/a.ts', "import { createHash } from 'node:crypto';")],
    [breaksForge, file('src/intake/a.ts', "import { kvs } from '@forge/kvs';")],
    [breaksTcp, file('src/mail/gateway-client.ts', "import { connect } from 'node:tls';")],
    [breaksTcp, file('src/jira/a.ts', "const net = await import('net');")],
    [breaksPages, file('static/a.tsx', "import { resolve } from '../src/index';")],
  ];
  for (const [rule, broken] of cases)
    assert.equal(offenders([broken], rule).length, 1, `${broken.path}: ${broken.text}`);
  const fine = file('src/store/a.ts', "import type { Log } from '../domain/ports';\nimport { kvs } from '@forge/kvs';");
  for (const [rule] of cases.slice(0, 5)) assert.deepEqual(offenders([fine], rule), []);
});

/** Links that a frame without tabs leaves dead (FORGE.md §5): what opens one by itself, or points anywhere but at a screen. */
const plainOutsideLink = (text: string): boolean =>
  /target=(["'{])?\s*["']?_blank|window\.open\(|href=["']https?:/.test(text);

test('no page has a plain link to another site: the product opens those, by OutsideLink', () => {
  const opensTabs = pages.filter(({ text }) => plainOutsideLink(text)).map(({ path }) => path);
  assert.deepEqual(opensTabs, []);
  const linking = pages.filter(({ imports }) => imports.some(({ target }) => target === '@atlaskit/link'));
  assert.deepEqual(
    linking.map(({ path }) => path).sort(),
    ['static/admin/activity/issue-link.tsx', 'static/shared/outside-link.tsx', 'static/shared/screen-link.tsx'],
    'only these know how a link leaves the frame',
  );
  for (const dead of [
    '<a target="_blank">',
    "<Link target={'_blank'}>",
    'window.open(url)',
    '<a href="https://x.test">',
  ])
    assert.ok(plainOutsideLink(dead), dead);
  assert.ok(!plainOutsideLink('<Link href={href}>'));
});
