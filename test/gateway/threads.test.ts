import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { gatewayMailbox } from '../../src/mail/gateway-client';
import { mailboxSettingsOf } from '../../src/mail/wire';
import { fetchAll, isError } from '../contract/fetched';
import { gatewayEntry, startGateway, type TestGateway } from '../support/gateway';
import { inbox, type ScriptedImap, scriptedImap, scriptedSettings } from '../support/scripted-imap';

/** Mail servers are read in threads. One that fails, whatever a server did to it, fails for its own installations only. */

const unruly = new URL('../support/unruly-thread.ts', import.meta.url);
const lines: string[] = [];
let gateway: TestGateway;
let server: ScriptedImap;
/** Set while the server keeps a mail back in the middle. */
let onHalf: (() => void) | null = null;
const body = `Subject: long\r\n\r\n${'x'.repeat(200_000)}\r\n`;

before(async () => {
  server = await scriptedImap({
    on: {
      select: (tag) => `${inbox(2, 3)}${tag} OK [READ-WRITE] open`,
      'uid fetch': (tag, args, socket) => {
        const size = body.length;
        if (!args.includes('BODY'))
          return `* 1 FETCH (UID 1 RFC822.SIZE ${size})\r\n* 2 FETCH (UID 2 RFC822.SIZE ${size})\r\n${tag} OK`;
        const first = `* 1 FETCH (UID 1 BODY[] {${size}}\r\n${body})\r\n`;
        const second = `* 2 FETCH (UID 2 BODY[] {${size}}\r\n`;
        if (onHalf === null) return `${first}${second}${body})\r\n${tag} OK`;
        socket.write(`${first}${second}half`);
        onHalf();
        return undefined;
      },
    },
  });
  gateway = await unrulyGateway(2);
});
after(async () => {
  await server?.stop();
  await gateway?.stop();
});

/** @param threadSeconds after which a thread that does not answer is ended */
const unrulyGateway = (threadSeconds: number) =>
  startGateway(
    { allowPlaintext: true, threads: 2, threadSeconds, threadHeapMb: 64, logLevel: 'info' },
    { write: (line) => void lines.push(line) },
    unruly,
  );
const mailboxOf = (installation: string, username = 'alice', { invoke } = gateway) =>
  gatewayMailbox(invoke(installation), scriptedSettings(server.port, { username, timeoutMs: 30_000 }), {
    password: 'secret',
  });
const isHealthy = async () => (await fetch(`${gateway.url}/healthz`)).ok;
/** Of all mail that left a thread. */
const mailBytes = async () =>
  Number(/^letterbox_gateway_mail_bytes_total (\d+)$/m.exec(await (await fetch(`${gateway.url}/metrics`)).text())?.[1]);
const ended = isError('gateway-thread-ended', 'transient');

test('while a thread is blocked the health check and other installations are served, and its own requests end as transient', async () => {
  await mailboxOf('calm').folders();
  const blocked = assert.rejects(mailboxOf('bad', 'block').folders(), ended);
  const beside = assert.rejects(mailboxOf('bad').list('7:2', 5), ended);
  assert.ok(await isHealthy());
  assert.equal((await fetchAll(mailboxOf('calm'), ['7.1', '7.2'])).length, 2);
  await Promise.all([blocked, beside]);
  assert.deepEqual((await mailboxOf('bad').list('7:2', 5)).arrivals, [], 'a new thread serves them');
  assert.match(lines.join(''), /"reason":"blocked","jobs":2/);
});

test('who holds a thread up is moved away from its neighbours, who stay where they are', async () => {
  // Two threads: with the two of above, and these, each has a neighbour.
  for (const name of ['third', 'fourth']) await mailboxOf(name).folders();
  await Promise.all(
    ['third', 'fourth'].map((name) =>
      mailboxOf(name, 'pause')
        .folders()
        .catch(() => {}),
    ),
  );
  const [third, fourth] = ['third', 'fourth'].map((name) =>
    mailboxOf(name, 'block')
      .folders()
      .catch(() => {}),
  );
  for (const name of ['calm', 'bad']) assert.deepEqual((await mailboxOf(name).list('7:2', 5)).arrivals, []);
  await Promise.all([third, fourth]);
});

test('a thread that fails in the middle of a fetch gives what came whole, and the next request signs in anew', async () => {
  const halfway = new Promise<void>((resolve) => {
    onHalf = resolve;
  });
  const before = await mailBytes();
  const post = gateway.invoke('halved');
  const mailbox = gatewayMailbox(post, scriptedSettings(server.port, { timeoutMs: 30_000 }), { password: 'secret' });
  const got: string[] = [];
  const reading = assert.rejects(async () => {
    for await (const { handle } of mailbox.fetch(['7.1', '7.2'], 1_000_000)) got.push(handle);
  }, ended);
  await halfway;
  onHalf = null;
  // The first message has left the thread.
  while ((await mailBytes()) < before + body.length) await pause(10);
  await assert.rejects(mailboxOf('halved', 'crash').folders(), ended);
  await reading;
  assert.deepEqual(got, ['7.1']);
  server.commands.length = 0;
  assert.equal((await fetchAll(mailbox, ['7.1', '7.2'])).length, 2);
  assert.ok(server.commands.some((command) => command.startsWith('LOGIN')));
});

test('what may have had its effect says so when its thread fails', async () => {
  const settle = (username: string) => mailboxOf('settler', username).settle(['7.1'], 'mark-read', '');
  await assert.rejects(settle('crash'), (error) => ended(error) && Reflect.get(Object(error), 'uncertain') === true);
  await assert.rejects(
    mailboxOf('settler', 'crash').folders(),
    (error) => ended(error) && Reflect.get(Object(error), 'uncertain') === false,
  );
});

test('a thread that needs more memory than it may have ends alone', async (t) => {
  // Collecting garbage near the limit blocks a thread too, for longer than the others here may be blocked.
  const patient = await unrulyGateway(60);
  t.after(patient.stop);
  await assert.rejects(mailboxOf('filler', 'fill', patient).folders(), ended);
  assert.match(lines.join(''), /"reason":"memory"/);
  assert.ok((await fetch(`${patient.url}/healthz`)).ok);
  assert.deepEqual((await mailboxOf('filler', 'alice', patient).list('7:2', 5)).arrivals, []);
});

test('two installations with the same server, user and password never share a session', async () => {
  server.commands.length = 0;
  for (const name of ['calm', 'bad', 'calm', 'bad']) await mailboxOf(name, 'shared').list('7:2', 5);
  assert.equal(server.commands.filter((command) => command.startsWith('LOGIN')).length, 2);
});

test('a client that goes away in the middle of a fetch leaves no session in use', async () => {
  const halfway = new Promise<void>((resolve) => {
    onHalf = resolve;
  });
  const control = new AbortController();
  const request = {
    settings: mailboxSettingsOf(scriptedSettings(server.port, { username: 'gone', timeoutMs: 30_000 })),
    credentials: { password: 'secret' },
    ...{ handles: ['7.1', '7.2'], offset: 0, maxBytes: 1_000_000 },
  };
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${await gateway.issuer.token({ installationId: 'gone' })}`,
  };
  const options = { method: 'POST', headers, body: JSON.stringify(request), signal: control.signal };
  const answer = fetch(`${gateway.url}/v1/mailbox/fetch`, options).then((response) => response.arrayBuffer());
  await halfway;
  onHalf = null;
  control.abort();
  await answer.catch(() => {});
  const busy = async () =>
    /sessions\{state="busy"\} (\d+)/.exec(await (await fetch(`${gateway.url}/metrics`)).text())?.[1];
  for (let tries = 0; tries < 200 && (await busy()) !== '0'; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.equal(await busy(), '0');
});

test('the program itself runs its threads, from source as it is', async () => {
  const real = await startGateway({ allowPlaintext: true, threads: 1 }, undefined, gatewayEntry);
  const mailbox = gatewayMailbox(real.invoke(), scriptedSettings(server.port), { password: 'secret' });
  assert.equal((await fetchAll(mailbox, ['7.1', '7.2'])).length, 2);
  await real.stop();
});
