import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createTransport } from 'nodemailer';
import { graceMs } from '../../src/domain/limits';

/** `npm start` itself, killed for real while it takes mail. The number of mails and kills can be raised from outside. */
const mails = Number(process.env.KILL_TEST_MAILS ?? 120);
const kills = Number(process.env.KILL_TEST_KILLS ?? 4);

const root = fileURLToPath(new URL('../..', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'letterbox-kill-'));
let running: ChildProcess | null = null;
after(() => {
  running?.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}

const ports = {
  PORT: await freePort(),
  SMTP_PORT: await freePort(),
  IMAP_PORT: await freePort(),
  IMAPS_PORT: await freePort(),
  SMTPS_PORT: await freePort(),
  SUBMISSION_PORT: await freePort(),
};
const base = `http://127.0.0.1:${ports.PORT}`;

async function start(): Promise<void> {
  const environment = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]));
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/emulator/start.ts'], {
    cwd: root,
    env: { ...process.env, ...environment, LETTERBOX_DIRECTORY: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running = child;
  let said = '';
  const listen = (data: Buffer) => {
    said += data.toString();
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  for (let waited = 0; !said.includes('Letterbox is ready'); waited += 1) {
    assert.ok(child.exitCode === null && waited < 1_200, `it did not start:\n${said}`);
    await sleep(100);
  }
}

async function kill(): Promise<void> {
  const child = running;
  assert.ok(child);
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function post(path: string, body: unknown = {}): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(`${base}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).json();
}

async function call<T>(functionKey: string, payload: unknown): Promise<T> {
  const result = (await post('/_local/invoke', {
    module: 'letterbox-admin',
    functionKey,
    payload,
    accountId: 'admin',
  })) as {
    ok: boolean;
    value: T;
  };
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

/** Every issue's summary and how many attachments it has, as Jira tells them. */
async function issues(): Promise<{ summary: string; attachments: number }[]> {
  const found: { summary: string; attachments: number }[] = [];
  let token: string | undefined;
  do {
    const query = new URLSearchParams({
      jql: 'project = SUP ORDER BY key',
      fields: 'summary,attachment',
      maxResults: '100',
    });
    if (token !== undefined) query.set('nextPageToken', token);
    const page = (await (await fetch(`${base}/jira/rest/api/3/search/jql?${query}`)).json()) as {
      issues: { fields: { summary: string; attachment: unknown[] } }[];
      nextPageToken?: string;
    };
    for (const { fields } of page.issues)
      found.push({ summary: fields.summary, attachments: fields.attachment.length });
    token = page.nextPageToken;
  } while (token !== undefined);
  return found;
}

test(`makes ${mails} issues of ${mails} mails although it is killed ${kills} times while it takes them`, async () => {
  await start();
  const transport = createTransport({ host: '127.0.0.1', port: ports.SMTP_PORT, pool: true, ignoreTLS: true });
  for (let number = 1; number <= mails; number += 1) {
    await transport.sendMail({
      from: 'ada@example.org',
      to: 'support@letterbox.test',
      subject: `Mail ${number}`,
      html: `<p>Text of <b>${number}</b></p>`,
      attachments: [{ filename: 'note.txt', content: `Note ${number}` }],
    });
  }
  transport.close();

  const settings = {
    provider: 'imap',
    name: 'Support',
    host: 'localhost',
    port: ports.IMAPS_PORT,
    username: 'support@letterbox.test',
    privateCa: /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(
      readFileSync(join(directory, 'mail', 'ca.pem'), 'utf8'),
    )?.[0],
    afterDownload: 'delete',
    target: { projectId: '10000', issueTypeId: '10001' },
  };
  const { id, version } = await call<{ id: string; version: number }>('connections.create', {
    settings,
    password: 'letterbox',
  });
  const everything = { id, start: { from: 'everything' } };
  const { settled } = await call<{ settled: number }>('connections.estimate', everything);
  await call('connections.enable', { ...everything, version, deletes: settled });

  for (let killed = 1; killed <= kills; killed += 1) {
    const wanted = Math.floor((mails * killed) / (kills + 1));
    for (let waited = 0; (await issues()).length < wanted; waited += 1) {
      assert.ok(waited < 2_400, `only ${(await issues()).length} issues`);
      if (waited % 100 === 99) await post('/_local/clock', { advanceSeconds: 60 });
      await sleep(50);
    }
    await kill();
    await start();
    await post('/_local/trigger/plan-polls');
  }
  for (let round = 0; round < 3; round += 1) {
    await post('/_local/clock', { advanceSeconds: graceMs / 1_000 + 60 });
    await post('/_local/trigger/plan-polls');
  }
  await post('/_local/clock', { advanceSeconds: 60 });

  const made = await issues();
  const expected = Array.from({ length: mails }, (_, index) => `Mail ${index + 1}`);
  assert.deepEqual(made.map(({ summary }) => summary).sort(), expected.sort());
  assert.ok(
    made.every(({ attachments }) => attachments === 1),
    'each with its attachment, once',
  );
});
