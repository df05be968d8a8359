import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { endFrame, errorFrame, partFrame, protocolFrame } from '../../src/mail/frames';
import { gatewayMailbox, type InvokeGateway } from '../../src/mail/gateway-client';
import { fetchAll, isError, rawText } from '../contract/fetched';
import { scriptedSettings } from '../support/scripted-imap';

const settings = scriptedSettings(993, { encryption: 'tls', name: 'Canary name', description: 'Canary description' });
const json = (value: unknown, status = 200) => ({ status, bytes: Buffer.from(JSON.stringify(value)) });
const mailboxOf = (invoke: InvokeGateway) => gatewayMailbox(invoke, settings, { password: 'secret' });
const piece = (handle: string, text: string, last = true) =>
  partFrame({ handle, outcome: 'part', bytes: Buffer.from(text), last });

test('asks with the settings that it takes to reach the mailbox, and no others', async () => {
  let asked = '';
  const mailbox = mailboxOf(async (path, body) => {
    asked = body;
    assert.match(path, /^\/v1\/mailbox\/folders\?/);
    return json({ ok: true, value: [] });
  });
  assert.deepEqual(await mailbox.folders(), []);
  assert.ok(!asked.includes('Canary'), asked);
  assert.equal(JSON.parse(asked).credentials.password, 'secret');
});

test("a mailbox's error comes through as it is", async () => {
  const error = {
    code: 'sign-in-failed',
    kind: 'access',
    message: 'No.',
    uncertain: false,
    step: 'sign-in',
    detail: 'NO',
  };
  const mailbox = mailboxOf(async () => json({ ok: false, error }));
  await assert.rejects(mailbox.list(null, 5), isError('sign-in-failed', 'access', 'sign-in'));
});

for (const [status, code] of [
  [401, 'gateway-refused'],
  [403, 'gateway-refused'],
  [400, 'gateway-outdated'],
  [404, 'gateway-outdated'],
  [413, 'gateway-outdated'],
  [429, 'gateway-busy'],
  [500, 'gateway-failed'],
  [502, 'gateway-failed'],
  [504, 'gateway-failed'],
] as const) {
  test(`HTTP ${status} is about the gateway, passes by itself, and is never "no messages"`, async () => {
    const mailbox = mailboxOf(async () =>
      json({ ok: true, value: { arrivals: [], position: null, more: false, reset: false } }, status),
    );
    await assert.rejects(mailbox.list(null, 5), (error: unknown) => {
      assert.match(String(Reflect.get(Object(error), 'message')), /^The gateway /);
      return isError(code, 'transient')(error);
    });
    await assert.rejects(fetchAll(mailbox, ['1.1']), isError(code, 'transient'));
  });
}

test('no answer at all passes by itself; after a settle nobody knows what happened', async () => {
  const mailbox = mailboxOf(async () => {
    throw new TypeError('fetch failed');
  });
  await assert.rejects(mailbox.list(null, 5), isError('gateway-unavailable', 'transient'));
  await assert.rejects(mailbox.settle(['1.1'], 'delete', ''), (error) => error instanceof AppError && error.uncertain);
});

for (const [what, body] of [
  ['HTML', '<html>Bad gateway</html>'],
  ['cut JSON', '{"ok":true,"value":{"arrivals":[]'],
  ['another shape', '{"ok":true,"value":{"arrivals":[]}}'],
  ['nothing', ''],
] as const) {
  test(`${what} with status 200 is never "no messages"`, async () => {
    const mailbox = mailboxOf(async () => ({ status: 200, bytes: Buffer.from(body) }));
    await assert.rejects(mailbox.list(null, 5), isError('gateway-unavailable', 'transient'));
    await assert.rejects(
      fetchAll(mailbox, ['1.1']),
      (error) => error instanceof AppError && error.kind === 'transient',
    );
  });
}

test('goes on where the last answer ended, also inside a message, and asks while the last one is worked on', async () => {
  const asked: unknown[] = [];
  const answers = [
    [piece('1.1', 'one'), piece('1.2', 'tw', false), endFrame()],
    [piece('1.2', 'o'), endFrame()],
    [partFrame({ handle: '1.3', outcome: 'gone' }), endFrame()],
  ];
  const mailbox = mailboxOf(async (_path, body) => {
    const { handles, offset } = JSON.parse(body);
    asked.push({ handles, offset });
    return { status: 200, bytes: Buffer.concat(answers[asked.length - 1]?.flat() ?? []) };
  });
  const texts: string[] = [];
  for await (const one of mailbox.fetch(['1.1', '1.2', '1.3'], 100)) {
    if (texts.length === 0) assert.equal(asked.length, 2, 'the second request is under way');
    texts.push(rawText(one));
  }
  assert.deepEqual(texts, ['one', 'two', '(gone)']);
  assert.deepEqual(asked, [
    { handles: ['1.1', '1.2', '1.3'], offset: 0 },
    { handles: ['1.2', '1.3'], offset: 2 },
    { handles: ['1.3'], offset: 0 },
  ]);
});

test('an answer that was cut gives nothing out of it', async () => {
  const answer = Buffer.concat([...piece('1.1', 'one'), ...endFrame()]);
  const mailbox = mailboxOf(async () => ({ status: 200, bytes: answer.subarray(0, answer.length - 3) }));
  await assert.rejects(fetchAll(mailbox, ['1.1']), isError('gateway-cut', 'transient'));
});

test('what came before an error is given out, and then the error', async () => {
  const error = new AppError('connection-lost', 'transient', 'Cut.');
  const mailbox = mailboxOf(async () => ({
    status: 200,
    bytes: Buffer.concat([...piece('1.1', 'one'), ...errorFrame(error)]),
  }));
  const texts: string[] = [];
  await assert.rejects(
    async () => {
      for await (const one of mailbox.fetch(['1.1', '1.2'], 100)) texts.push(rawText(one));
    },
    isError('connection-lost', 'transient'),
  );
  assert.deepEqual(texts, ['one']);
});

test('an answer without any message ends, rather than being asked for again and again', async () => {
  const mailbox = mailboxOf(async () => ({ status: 200, bytes: Buffer.concat(endFrame()) }));
  await assert.rejects(fetchAll(mailbox, ['1.1']), isError('gateway-unavailable', 'transient'));
});

test('no handles, no request', async () => {
  const mailbox = mailboxOf(() => Promise.reject(new Error('asked')));
  assert.deepEqual(await fetchAll(mailbox, []), []);
  assert.deepEqual(await mailbox.settle([], 'delete', ''), []);
});

test('asks for the protocol only where somebody wants it, and hands it on with how long ago each line was', async () => {
  const told: [string, number | undefined][] = [];
  const protocol = [{ text: 'C: NOOP', agoMs: 12 }];
  const asked: unknown[] = [];
  const invoke: InvokeGateway = async (path, body) => {
    asked.push(JSON.parse(body).debug);
    const frames = Buffer.concat([...piece('1.1', 'one'), ...protocolFrame(protocol), ...endFrame()]);
    return path.includes('/fetch?') ? { status: 200, bytes: frames } : json({ ok: true, value: [], protocol });
  };
  const log = (text: string, agoMs?: number) => void told.push([text, agoMs]);
  const mailbox = gatewayMailbox(invoke, settings, { password: 'secret' }, { log });
  await mailbox.folders();
  assert.deepEqual(told, [
    ['# The gateway is asked: folders', undefined],
    ['C: NOOP', 12],
  ]);
  assert.deepEqual((await fetchAll(mailbox, ['1.1'])).map(rawText), ['one']);
  assert.deepEqual(told.at(-1), ['C: NOOP', 12]);
  await mailboxOf(invoke).folders();
  assert.deepEqual(asked, [true, true, undefined]);
});

test('an error brings its protocol too', async () => {
  const told: string[] = [];
  const error = { code: 'sign-in-failed', kind: 'access', message: 'No.', uncertain: false };
  const answer = json({ ok: false, error, protocol: [{ text: 'S: NO', agoMs: 0 }] });
  const options = { log: (text: string) => void told.push(text) };
  const mailbox = gatewayMailbox(async () => answer, settings, { password: 'secret' }, options);
  await assert.rejects(mailbox.folders(), isError('sign-in-failed', 'access'));
  assert.equal(told.at(-1), 'S: NO');
});

test('a gateway of an older version, which refuses what it does not know, still serves while the log is on', async () => {
  const told: string[] = [];
  let calls = 0;
  const older: InvokeGateway = async (_path, body) => {
    calls += 1;
    return 'debug' in JSON.parse(body)
      ? json({ error: 'The request is malformed.' }, 400)
      : json({ ok: true, value: [] });
  };
  const options = { log: (text: string) => void told.push(text) };
  const mailbox = gatewayMailbox(older, settings, { password: 'secret' }, options);
  assert.deepEqual(await mailbox.folders(), []);
  assert.deepEqual(await mailbox.folders(), []);
  assert.equal(calls, 3, 'it is asked once whether it tells');
  assert.equal(told.filter((line) => /Update it/.test(line)).length, 1);
  const stubborn = gatewayMailbox(async () => json({}, 400), settings, { password: 'secret' }, options);
  await assert.rejects(stubborn.folders(), isError('gateway-outdated', 'transient'));
});
