import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, mock, test } from 'node:test';
import { transform } from 'esbuild';
import { demoApplications } from '../emulator/local/providers';
import { mailPassword } from '../emulator/mail-server/mail-server';
import { alertReceivers, slackUrl } from '../support/alert-receivers';
import { authorized, registered } from '../support/authorized';
import { type Product, startProduct } from '../support/product';
import { runTool } from './atlassian-tools';

/**
 * The app as Forge gets it: through Atlassian's bundler, on the emulator. What is imported while the app runs is in files of its
 * own beside the first one: the Forge CLI packs the bundler's whole folder.
 */
let start: string;
let later: string[];
let formatted: number;
let product: Product;
let functions: Record<string, unknown>;

/**
 * Bytes of minified code. Forge's own limit is far away. What counts is that every cold start reads and runs all of `start`:
 * each 100 KB of it take some 10 ms of a whole processor (`npm run bench -- bundle`), which costs as much as two idle polls, and
 * three times that where 512 MB come with a third of one. Code that only some invocations need belongs into `import()`.
 * Both limits leave room for features to come; whoever raises them should know what for.
 */
const mostBytes = { start: 500_000, all: 1_500_000 };

before(async () => {
  const answer = runTool('bundle');
  assert.deepEqual(answer.problems, []);
  const file = answer.file ?? '';
  start = readFileSync(file, 'utf8');
  later = readdirSync(dirname(file))
    .map((name) => join(dirname(file), name))
    .filter((path) => path.endsWith('.cjs') && path !== file)
    .map((path) => readFileSync(path, 'utf8'));
  const format = mock.method(Number.prototype, 'toLocaleString');
  functions = createRequire(import.meta.url)(file) as Record<string, unknown>;
  formatted = format.mock.callCount();
  format.mock.restore();
  // No gateway: the mailboxes here are asked over HTTP.
  product = await startProduct({ functions, gateway: 'http://127.0.0.1:9' });
});
after(() => product.close());

/** Modules that a text asks Node for. */
const required = (text: string): string[] =>
  [...text.matchAll(/\brequire\("(?:node:)?([\w/]+)"\)/g)].map(([, name]) => name ?? '');
const opensSockets = (name: string) => ['net', 'tls', 'dgram', 'http2', 'cluster'].includes(name);

test('no module that opens sockets is in the bundle', () => {
  for (const code of [start, ...later]) {
    assert.deepEqual(required(code).filter(opensSockets), []);
    assert.doesNotMatch(code, /imapflow|src\/gateway|mail\/(imap|pop3|smtp)\//);
  }
});

test('a module that opens sockets would be found', () => {
  assert.deepEqual(required('const a = require("node:tls"); const b = require("crypto");').filter(opensSockets), [
    'tls',
  ]);
});

async function minifiedBytes(code: string): Promise<number> {
  const { code: minified } = await transform(code, { minify: true, target: 'node22' });
  return minified.length;
}

test('what a cold start loads, and all that the app can load, stay within their limits', async () => {
  const bytes = await minifiedBytes(start);
  assert.ok(bytes <= mostBytes.start, `${bytes} bytes at the start`);
  const all = bytes + (await Promise.all(later.map(minifiedBytes))).reduce((sum, one) => sum + one, 0);
  assert.ok(all <= mostBytes.all, `${all} bytes altogether`);
});

test('loading the app formats no number, which would load the language data at every cold start', () => {
  assert.equal(formatted, 0);
});

test('the bundle works on the emulator: resolver and planner', async () => {
  assert.deepEqual(await product.call('connections.list', {}), []);
  // The planner, and the run of the alerts that it asks for.
  assert.deepEqual(await product.forge.trigger('plan-polls'), { invocations: 2 });
});

test('what is loaded later is found: mail of Google and of Microsoft becomes issues, and mail goes out', async () => {
  const { call, providers } = product;
  const [google, microsoft] = demoApplications;
  const credentialId = await registered(product, google);
  const mailboxes = [
    { provider: 'google', use: 'gmail', username: 'support@gmail.example', credentialId },
    {
      provider: 'microsoft-graph',
      use: 'graph',
      username: 'support@contoso.example',
      credentialId: await registered(product, microsoft),
    },
  ] as const;
  for (const { provider, use, username, credentialId } of mailboxes) {
    const access = await authorized(product, credentialId, use, username);
    const raw = `From: ada@example.org\r\nSubject: To ${use}\r\nContent-Type: text/html\r\n\r\n<p>A text.</p>\r\n`;
    assert.ok(providers.deliver(username, Buffer.from(raw)));
    await product.open({ provider, name: use, credentialId, username }, access);
  }
  assert.deepEqual(product.summaries(), ['To gmail', 'To graph']);

  const username = 'support@gmail.example';
  const access = await authorized(product, credentialId, 'gmail-send', username);
  const settings = { provider: 'google', name: 'Out', credentialId, username, fromAddress: username } as const;
  const { id, version } = await call('outgoing.create', { settings, ...access });
  await call('outgoing.enable', { id, version });
  await call('outgoing.sendTest', { id, to: 'ada@elsewhere.example' });
});

test('with every strict switch on, the bundle polls, creates issues and alerts', async (t) => {
  const receivers = await alertReceivers();
  t.after(receivers.close);
  const strict = await startProduct({
    functions,
    hosts: receivers.hosts,
    searchLagMs: 60_000,
    platform: {
      codes: 'other',
      queryLagMs: 10_000,
      abortSignals: false,
      remoteAnswers: { as: 'text', bytes: 3_000_000, ms: 20_000 },
    },
  });
  t.after(strict.close);
  const { call, forge, mail } = strict;
  const deliver = (subject: string, attached: Buffer) => {
    const raw = [
      'From: ada@example.org',
      `Subject: ${subject}`,
      'Content-Type: application/octet-stream; name="bytes.bin"',
      'Content-Transfer-Encoding: base64',
      '',
      attached.toString('base64').replace(/.{76}/g, '$&\r\n'),
      '',
    ].join('\r\n');
    mail.deliver({ from: 'ada@example.org', recipients: ['support@letterbox.test'], raw: Buffer.from(raw) });
  };
  const everyByte = Buffer.from(Array.from({ length: 1_024 * 1_024 }, (_, index) => index % 256));
  deliver('All bytes', everyByte);
  const { id } = await strict.open(
    {
      provider: 'imap',
      name: 'Support',
      host: 'localhost',
      port: mail.ports.imaps,
      username: 'support@letterbox.test',
      privateCa: mail.ca,
      afterDownload: 'delete',
    },
    { password: mailPassword },
  );
  assert.deepEqual(strict.summaries(), ['All bytes']);
  const [issue] = strict.jira.state.all();
  assert.ok(issue);
  const file = strict.jira.state.file(issue.attachments[0]?.id ?? '');
  assert.ok(file !== undefined && everyByte.equals(file));

  await call('alerts.create', {
    settings: { name: 'Operations', incidents: ['waiting', 'failing'], channel: { type: 'slack' } },
    secret: { url: slackUrl },
  });
  forge.setFaults([{ match: 'POST jira/rest/api/3/issue$', when: 'before', kind: 'error', status: 503, times: 1_000 }]);
  deliver('Waits for Jira', Buffer.from('1'));
  await strict.poll(id);
  const until = async (holds: () => boolean) => {
    for (let round = 0; round < 24 && !holds(); round += 1) {
      await forge.advance(300);
      await strict.duePolls();
    }
  };
  await until(() => receivers.taken.length > 0);
  assert.match(JSON.stringify(receivers.taken[0]?.body), /“Support”/);

  forge.setFaults([]);
  await until(() => strict.summaries().length === 2);
  assert.deepEqual(strict.summaries(), ['All bytes', 'Waits for Jira']);
});
