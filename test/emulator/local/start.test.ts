import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../start.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'letterbox-start-'));
const running = new Set<ChildProcess>();
after(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

interface Started {
  child: ChildProcess;
  output(): string;
  ended: Promise<number | NodeJS.Signals | null>;
}

function start(environment: Record<string, string>, ...args: string[]): Started {
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], {
    env: { ...process.env, LETTERBOX_DIRECTORY: directory, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  }
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve(code ?? signal);
    });
  });
  return { child, output: () => output, ended };
}

/** Waits as long as the slowest machine may need; `said` is what there is to see when it was in vain. */
async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  said: () => string = () => '',
): Promise<T> {
  const deadline = Date.now() + 180_000;
  while (Date.now() < deadline) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} did not happen. ${said()}`);
}

const ready = (started: Started) =>
  until('"ready"', () => started.output().includes('Letterbox is ready'), started.output);
const gatewayOf = (started: Started) => /Gateway\s+(http\S+)/.exec(started.output())?.[1] ?? '';
const answers = (url: string) =>
  fetch(url).then(
    () => true,
    () => false,
  );

async function freePorts(): Promise<Record<string, string>> {
  const probes = ['PORT', 'SMTP_PORT', 'IMAP_PORT', 'IMAPS_PORT', 'SMTPS_PORT', 'SUBMISSION_PORT'].map((name) => ({
    name,
    server: createServer(),
  }));
  const ports: Record<string, string> = {};
  for (const { name, server } of probes) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    ports[name] = String(typeof address === 'object' && address?.port);
  }
  await Promise.all(probes.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

test('what was there is there again after a kill; a fresh start forgets it; signals end it in peace', async () => {
  const ports = await freePorts();
  const url = `http://localhost:${ports.PORT}`;
  const json = (path: string, body?: unknown) =>
    fetch(
      url + path,
      body === undefined
        ? {}
        : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    ).then((response) => response.json());
  const invoke = (functionKey: string, payload: unknown) =>
    json('/_local/invoke', { module: 'letterbox-admin', functionKey, payload, accountId: 'admin' });
  const summaries = async () =>
    (await json('/jira/rest/api/3/search/jql?jql=project=SUP+order+by+key+asc&fields=summary')).issues.map(
      ({ fields }: { fields: { summary: string } }) => fields.summary,
    );

  const first = start(ports);
  await ready(first);
  const ca = /<pre id="ca">([^<]*)/.exec(await (await fetch(url)).text())?.[1] ?? '';
  const settings = {
    ...{
      provider: 'imap',
      name: 'Support',
      host: 'localhost',
      port: Number(ports.IMAPS_PORT),
      username: 'support@letterbox.test',
    },
    ...{ privateCa: ca, target: { projectId: '10000', issueTypeId: '10001' } },
  };
  const { value } = await invoke('connections.create', { settings, password: 'letterbox' });
  await invoke('connections.enable', { id: value.id, version: 1, start: { from: 'everything' } });
  await json('/_local/sample-mail', { kind: 'plain' });
  await json('/_local/trigger/plan-polls', {});
  await json('/_local/sample-mail', { kind: 'html' });
  const gateway = gatewayOf(first);
  assert.equal(await answers(gateway), true);
  first.child.kill('SIGKILL');
  await first.ended;
  await until('The end of the gateway', async () => !(await answers(gateway)));

  const second = start(ports);
  await ready(second);
  const [connection] = (await invoke('connections.list', {})).value;
  assert.equal(connection.settings.privateCa, ca.trim());
  assert.equal((await invoke('connections.test', { id: value.id, settings })).value.ok, true);
  await until('The second issue', async () => {
    await json('/_local/trigger/plan-polls', {});
    return (await summaries()).length > 1;
  });
  assert.deepEqual(await summaries(), [
    'The printer on floor 3 does not print',
    'Prices for the new office: table, list and links',
  ]);

  const rival = start(ports, '--fresh');
  assert.equal(await rival.ended, 1);
  assert.match(rival.output(), new RegExp(`Port ${ports.PORT} is taken`));
  assert.equal((await summaries()).length, 2);

  second.child.kill('SIGTERM');
  assert.equal(await second.ended, 0);
  assert.equal(await answers(gatewayOf(second)), false);

  const third = start(ports, '--fresh');
  await ready(third);
  assert.deepEqual((await invoke('connections.list', {})).value, []);
  assert.deepEqual(await summaries(), []);
  third.child.kill('SIGINT');
  assert.equal(await third.ended, 0);
});

test('tells how it is used, and refuses what it does not know', async () => {
  const help = start({}, '--help');
  assert.equal(await help.ended, 0);
  assert.match(help.output(), /--fresh[\s\S]*IMAPS_PORT/);
  const unknown = start({}, '--frsh');
  assert.equal(await unknown.ended, 1);
  assert.match(unknown.output(), /--frsh is not known/);
  const port = start({ PORT: 'eighty' });
  assert.equal(await port.ended, 1);
  assert.match(port.output(), /PORT must be a port number/);
});
