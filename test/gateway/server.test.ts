import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { generateKeyPair } from 'jose';
import { gatewayMailbox } from '../../src/mail/gateway-client';
import { mailboxSettingsOf } from '../../src/mail/wire';
import { fetchAll, isError } from '../contract/fetched';
import { startGateway, type TestGateway } from '../support/gateway';
import type { TokenClaims } from '../support/invocation-tokens';
import { inbox, type ScriptedImap, scriptedImap, scriptedSettings } from '../support/scripted-imap';

const lines: string[] = [];
let gateway: TestGateway;
let server: ScriptedImap;
before(async () => {
  gateway = await startGateway(
    { allowPlaintext: true, logLevel: 'debug', requests: 3, sessionsPerInstallation: 2 },
    { write: (line) => void lines.push(line) },
  );
  const body = 'Subject: CANARY-SUBJECT\r\n\r\nCANARY-BODY\r\n';
  server = await scriptedImap({
    on: {
      login: (tag, args) =>
        args.includes('CANARY-WRONG')
          ? `${tag} NO [AUTHENTICATIONFAILED] CANARY-WORDS for canary@example.com`
          : `${tag} OK in`,
      select: (tag) => `${inbox(1, 2)}${tag} OK [READ-WRITE] open`,
      'uid fetch': (tag, args) =>
        args.includes('BODY')
          ? `* 1 FETCH (UID 1 BODY[] {${body.length}}\r\n${body})\r\n${tag} OK done`
          : `* 1 FETCH (UID 1 RFC822.SIZE ${body.length})\r\n${tag} OK done`,
    },
  });
});
after(async () => {
  await server?.stop();
  await gateway?.stop();
});

const settings = () => scriptedSettings(server.port, { username: 'canary@example.com' });
const body = (more = {}) =>
  JSON.stringify({ settings: mailboxSettingsOf(settings()), credentials: { password: 'CANARY-PASSWORD' }, ...more });

async function post(path: string, text: string, headers: Record<string, string> = {}) {
  const authorization = `Bearer ${await gateway.issuer.token()}`;
  return fetch(`${gateway.url}${path}`, {
    method: 'POST',
    body: text,
    headers: { 'content-type': 'application/json', authorization, ...headers },
  });
}

test('a token of this app, and nothing else, opens the gateway', async () => {
  const stranger = (await generateKeyPair('RS256')).privateKey;
  const status = async (claims: TokenClaims) =>
    (await post('/v1/mailbox/folders', body(), { authorization: `Bearer ${await gateway.issuer.token(claims)}` }))
      .status;
  assert.equal(await status({}), 200);
  assert.equal(await status({ audience: 'ari:cloud:ecosystem::app/another' }), 401);
  assert.equal(await status({ issuer: 'somebody' }), 401);
  assert.equal(await status({ expiresIn: -60 }), 401);
  assert.equal(await status({ expiresIn: null }), 401, 'good for ever');
  assert.equal(await status({ key: stranger }), 401);
  assert.equal(await status({ installationId: '' }), 401);
  for (const authorization of ['', 'Bearer', 'Bearer x', 'Basic YTpi', `Bearer ${unsigned()}`]) {
    assert.equal((await post('/v1/mailbox/folders', body(), { authorization })).status, 401, authorization);
  }
});

const unsigned = () => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    iss: gateway.issuer.issuer,
    aud: gateway.issuer.audience,
    exp: 4_000_000_000,
    app: { installationId: 'x' },
  };
  return `${part({ alg: 'none' })}.${part(claims)}.`;
};

test('when the keys cannot be had, nobody is let in, and the gateway says that it is its own trouble', async () => {
  const broken = createServer((_request, response) => response.writeHead(500).end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => broken.once('listening', resolve));
  const address = broken.address();
  const other = await startGateway({ jwksUrl: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/` });
  const { status } = await other.invoke()('/v1/mailbox/folders', body());
  assert.equal(status, 503);
  const statusOf = async (at: TestGateway, path: string) => (await fetch(`${at.url}${path}`)).status;
  assert.deepEqual([await statusOf(other, '/readyz'), await statusOf(other, '/healthz')], [503, 200]);
  await post('/v1/mailbox/folders', body());
  assert.equal(await statusOf(gateway, '/readyz'), 200);
  await other.stop();
  await new Promise((resolve) => broken.close(resolve));
});

test('a request that is malformed is refused without its values', async () => {
  for (const text of [
    '',
    '{',
    '[]',
    body({ extra: 1 }),
    body({ credentials: { password: '' } }),
    body({ settings: { ...mailboxSettingsOf(settings()), host: 'a\r\nb' } }),
  ]) {
    const response = await post('/v1/mailbox/folders', text);
    assert.equal(response.status, 400, text);
    assert.ok(!/CANARY/.test(await response.text()));
  }
  assert.equal((await post('/v1/mailbox/folders', 'x'.repeat(2_000_000))).status, 413);
  assert.equal((await post('/v1/mailbox/nothing', body())).status, 404);
});

test("a mailbox's error is an answer, not a failure of the gateway", async () => {
  const response = await post('/v1/mailbox/folders', body({ credentials: { password: 'CANARY-WRONG' } }));
  assert.equal(response.status, 200);
  const answer = await response.json();
  assert.equal(answer.ok, false);
  assert.equal(answer.error.code, 'sign-in-failed');
  assert.equal('cause' in answer.error, false);
});

test('one sign-in serves list, fetch and the next poll; another installation signs in itself', async () => {
  server.commands.length = 0;
  const own = gatewayMailbox(gateway.invoke('pool-one'), settings(), { password: 'secret' });
  const { arrivals } = await own.list(null, 10);
  assert.equal((await fetchAll(own, [arrivals[0]?.handle ?? ''])).length, 1);
  await own.list('7:1', 10);
  assert.equal(server.commands.filter((command) => command.startsWith('LOGIN')).length, 1);
  await gatewayMailbox(gateway.invoke('pool-two'), settings(), { password: 'secret' }).list(null, 10);
  assert.equal(server.commands.filter((command) => command.startsWith('LOGIN')).length, 2);
});

test('private addresses and other ports are refused in the same words as a server that is not there', async () => {
  const guarded = await startGateway({ allowPrivate: false, allowPlaintext: true });
  const open = await startGateway({ allowPlaintext: true });
  const closedPort = await scriptedImap({});
  await closedPort.stop();
  const listing = (at: TestGateway, port: number) =>
    gatewayMailbox(at.invoke(), scriptedSettings(port), { password: 'secret' }).list(null, 10);
  const wordsOf = (work: Promise<unknown>) =>
    work.then(
      () => 'reached',
      (error: unknown) => JSON.stringify(error) + String(error),
    );
  const words = [await wordsOf(listing(guarded, closedPort.port)), await wordsOf(listing(open, closedPort.port))];
  assert.equal(words[0], words[1]);
  assert.match(words[0] ?? '', /host-unreachable/);
  await assert.rejects(listing(guarded, server.port), isError('host-unreachable', 'transient', 'connect'));
  await listing(open, server.port);
  await guarded.stop();
  await open.stop();
});

test('plain text is refused unless the operator allows it', async () => {
  const strict = await startGateway();
  server.commands.length = 0;
  await assert.rejects(
    gatewayMailbox(strict.invoke(), settings(), { password: 'secret' }).list(null, 10),
    isError('plaintext-refused', 'access'),
  );
  assert.deepEqual(server.commands, []);
  await strict.stop();
});

test('too many requests, and too many sessions of one installation, are turned away', async () => {
  const silent = await scriptedImap({ greeting: null });
  const slow = (installation: string, n: number) =>
    gatewayMailbox(
      gateway.invoke(installation),
      scriptedSettings(silent.port, { username: `user${n}`, timeoutMs: 5_000 }),
      { password: 'secret' },
    ).list(null, 10);
  const waiting = [slow('busy', 1), slow('busy', 2)].map((work) => work.catch(() => {}));
  await poll(
    () => /sessions\{state="busy"\} 2/.test(metricsText),
    async () => {
      metricsText = await metrics();
    },
  );
  await assert.rejects(slow('busy', 3), isError('gateway-busy', 'transient'));
  const third = slow('calm', 1).catch(() => {});
  await poll(
    () => /sessions\{state="busy"\} 3/.test(metricsText),
    async () => {
      metricsText = await metrics();
    },
  );
  await assert.rejects(slow('calm', 2), isError('gateway-busy', 'transient'));
  await silent.stop();
  await Promise.all([...waiting, third]);
  assert.deepEqual(
    (await gatewayMailbox(gateway.invoke('busy'), settings(), { password: 'secret' }).list('7:1', 10)).arrivals,
    [],
  );
});

let metricsText = '';
const metrics = async () => (await fetch(`${gateway.url}/metrics`)).text();
async function poll(isDone: () => boolean, step: () => Promise<void>) {
  for (let tries = 0; !isDone() && tries < 500; tries++) {
    await step();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.ok(isDone());
}

test('a request that takes too long is answered in time', async () => {
  const silent = await scriptedImap({ greeting: null });
  const hasty = await startGateway({ allowPlaintext: true, requestSeconds: 1 });
  const mailbox = gatewayMailbox(hasty.invoke(), scriptedSettings(silent.port, { timeoutMs: 60_000 }), {
    password: 'secret',
  });
  await assert.rejects(mailbox.list(null, 10), isError('gateway-timeout', 'transient'));
  await assert.rejects(fetchAll(mailbox, ['7.1']), isError('gateway-timeout', 'transient'));
  await silent.stop();
  await hasty.stop();
});

test('health and metrics are open, and name no customer', async () => {
  assert.deepEqual(await (await fetch(`${gateway.url}/healthz`)).json(), { status: 'ok' });
  await post('/v1/mailbox/folders', body());
  const text = await metrics();
  assert.match(text, /^letterbox_gateway_requests_total\{route="\/v1\/mailbox\/folders",outcome="ok"\} \d+$/m);
  assert.match(text, /^letterbox_gateway_sessions\{state="idle"\} \d+$/m);
  assert.match(text, /^letterbox_gateway_sessions_opened_total [1-9]\d*$/m);
  assert.match(text, /^letterbox_gateway_mail_bytes_total \d+$/m);
  assert.ok(!/canary|installation|localhost|127\.0\.0\.1/i.test(text), text);
});

test('no log line holds a credential, an address, a word of the server or of the mail', async () => {
  const mailbox = gatewayMailbox(gateway.invoke(), settings(), { password: 'CANARY-PASSWORD' });
  await fetchAll(mailbox, ['7.1']);
  await mailbox.check();
  await mailbox.settle(['7.1'], 'mark-read', '');
  await assert.rejects(gatewayMailbox(gateway.invoke(), settings(), { password: 'CANARY-WRONG' }).list(null, 10));
  await post('/v1/mailbox/list', body({ position: 'CANARY-POSITION', limit: -1 }));
  await post('/v1/mailbox/list?CANARY-QUERY=1', body(), { authorization: 'Bearer CANARY-TOKEN' });
  const unreachable = await scriptedImap({});
  await unreachable.stop();
  await assert.rejects(
    gatewayMailbox(gateway.invoke(), { ...settings(), port: unreachable.port }, { password: 'CANARY-PASSWORD' }).list(
      null,
      10,
    ),
  );
  const log = lines.join('\n');
  assert.match(log, /"route":"\/v1\/mailbox\/fetch"/);
  assert.match(log, /sign-in-failed/);
  assert.ok(!/canary|127\.0\.0\.1|localhost|eyJ/i.test(log.replace(/Server listening at \S+/g, '')), log);
});
