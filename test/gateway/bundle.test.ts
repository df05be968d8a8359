import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { bundleGateway, packageOf } from '../../src/gateway/build';
import { gatewayMailbox } from '../../src/mail/gateway-client';
import { fetchAll } from '../contract/fetched';
import { addressOf, callProgram, localSettings, startProgram } from '../support/gateway-program';
import { startTokenIssuer } from '../support/invocation-tokens';
import { inbox, scriptedImap, scriptedSettings } from '../support/scripted-imap';

/** The file that people run. It lies where no package can be found. */
const folder = mkdtempSync(join(tmpdir(), 'letterbox-bundle-'));
const program = [join(folder, 'gateway.mjs')];
let modules: string[];
before(async () => {
  modules = await bundleGateway(folder);
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('is one file, and the licences of what is in it', () => {
  assert.deepEqual(readdirSync(folder).sort(), ['gateway-licenses.txt', 'gateway.mjs']);
  const licenses = readFileSync(join(folder, 'gateway-licenses.txt'), 'utf8');
  for (const name of ['fastify', 'imapflow', 'jose', 'zod'])
    assert.match(licenses, new RegExp(`^${name} \\d.*: MIT$`, 'm'));
});

test('holds no development package, and of our own modules only those of the gateway', () => {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;
  const packages = [...new Set(modules.flatMap((path) => packageOf(path) ?? []))];
  assert.ok(packages.length > 10);
  assert.deepEqual(
    packages.filter((path) => lock[path] === undefined || lock[path].dev === true),
    [],
  );
  const own = modules.filter((path) => packageOf(path) === null);
  assert.ok(own.includes('src/gateway/thread.ts'));
  assert.deepEqual(
    own.filter((path) => !/^src\/(gateway|domain|mail)\//.test(path) && path !== 'package.json'),
    [],
  );
  assert.ok(!own.includes('src/gateway/build.ts'));
});

test('imports nothing but modules of Node', () => {
  const text = readFileSync(join(folder, 'gateway.mjs'), 'utf8');
  const imported = [...text.matchAll(/^import .*? from "([^"]+)";$/gm)].map(([, name = '']) =>
    name.replace('node:', ''),
  );
  assert.ok(imported.length > 5);
  assert.deepEqual(
    imported.filter((name) => !builtinModules.includes(name)),
    [],
  );
});

test('tells its settings and its version', async () => {
  const help = startProgram({}, { program, args: ['--help'] });
  assert.equal(await help.ended, 0);
  assert.match(help.said.out, /GATEWAY_AUDIENCE/);
  const version = startProgram({}, { program, args: ['--version'] });
  assert.equal(await version.ended, 0);
  assert.equal(version.said.out, `${JSON.parse(readFileSync('package.json', 'utf8')).version}\n`);
});

test('reads a mailbox in its threads, and ends on SIGTERM', async () => {
  const issuer = await startTokenIssuer();
  const mail = 'Subject: Hello\r\n\r\nText\r\n';
  const server = await scriptedImap({
    on: {
      select: (tag) => `${inbox(1, 2)}${tag} OK [READ-WRITE] open`,
      'uid fetch': (tag, args) =>
        args.includes('BODY')
          ? `* 1 FETCH (UID 1 BODY[] {${mail.length}}\r\n${mail})\r\n${tag} OK done`
          : `* 1 FETCH (UID 1 RFC822.SIZE ${mail.length})\r\n${tag} OK done`,
    },
  });
  const gateway = startProgram({ ...localSettings(issuer), GATEWAY_THREADS: '2' }, { program });
  try {
    const invoke = callProgram(await addressOf(gateway), issuer);
    const mailbox = gatewayMailbox(invoke, scriptedSettings(server.port), { password: 'secret' });
    const { arrivals } = await mailbox.list(null, 10);
    assert.equal((await fetchAll(mailbox, [arrivals[0]?.handle ?? ''])).length, 1);
    gateway.child.kill('SIGTERM');
    assert.equal(await gateway.ended, 0);
    assert.equal(gateway.said.error, '');
  } finally {
    gateway.child.kill('SIGKILL');
    await server.stop();
    await issuer.stop();
  }
});
