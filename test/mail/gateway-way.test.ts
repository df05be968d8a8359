import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { gatewayCallsPerJob, gatewayJsonBytes, gatewayResponseBytes, gatewayWindow } from '../../src/domain/limits';
import type { Fetched } from '../../src/domain/ports';
import { continuedFrame, endFrame, errorFrame, jsonOfFrames, partFrame, sampleFrame } from '../../src/mail/frames';
import { gatewayMailbox } from '../../src/mail/gateway-client';
import { gatewayMailer } from '../../src/mail/gateway-mailer';
import { gatewayWay } from '../../src/mail/gateway-way';
import { fetchAll, isError, rawText } from '../contract/fetched';
import { scriptedSettings } from '../support/scripted-imap';

const settings = scriptedSettings(993, { encryption: 'tls' });

interface Asked {
  form: string | null;
  bytes: number;
  ticket: string | null;
  handles: string[];
  offset: number;
}

/** A gateway with this mail in each message, behind a way that may change or refuse an answer. */
function mailboxBehind(way: (answer: Buffer, asked: Asked, call: number) => Buffer | number, mail = 'a mail: é') {
  const asked: Asked[] = [];
  const open = (remembered = gatewayWay()) =>
    gatewayMailbox(
      async (path, body) => {
        const { searchParams } = new URL(path, 'https://gateway.example');
        const { handles, offset } = JSON.parse(body);
        const one: Asked = {
          form: searchParams.get('form'),
          bytes: Number(searchParams.get('bytes')),
          ticket: searchParams.get('ticket'),
          handles,
          offset,
        };
        asked.push(one);
        const part = Buffer.from(mail).subarray(offset, offset + one.bytes);
        const last = offset + part.length >= Buffer.byteLength(mail);
        const frames = Buffer.concat([
          ...sampleFrame(),
          ...partFrame({ handle: handles[0], outcome: 'part', bytes: part, last }),
          ...endFrame(),
        ]);
        const came = way(one.form === 'json' ? Buffer.from(jsonOfFrames(frames)) : frames, one, asked.length);
        return typeof came === 'number' ? { status: came, bytes: Buffer.from('{}') } : { status: 200, bytes: came };
      },
      settings,
      { password: 'secret' },
      { way: remembered },
    );
  return { asked, open };
}

const utf8 = (fetched: Fetched) =>
  fetched.outcome === 'raw' ? Buffer.from(fetched.raw).toString('utf8') : fetched.outcome;
const asText = (answer: Buffer) => Buffer.from(answer.toString('utf8'));

test('a way that carries only text is asked for JSON, and stays so in this process', async () => {
  const { asked, open } = mailboxBehind(asText);
  const remembered = gatewayWay();
  assert.deepEqual((await fetchAll(open(remembered), ['1'])).map(utf8), ['a mail: é']);
  assert.deepEqual((await fetchAll(open(remembered), ['2'])).map(utf8), ['a mail: é']);
  assert.deepEqual(
    asked.map(({ form, bytes }) => [form, bytes]),
    [
      ['frames', gatewayResponseBytes],
      ['json', gatewayJsonBytes],
      ['json', gatewayJsonBytes],
    ],
  );
});

test('bytes that were read as Latin 1 and written as UTF-8 are seen too', async () => {
  const { open } = mailboxBehind((answer, { form }) =>
    form === 'json' ? answer : Buffer.from(answer.toString('latin1'), 'utf8'),
  );
  assert.deepEqual((await fetchAll(open(), ['1'])).map(utf8), ['a mail: é']);
});

test('a way that changes JSON too is no reason to believe it, nor to go on with JSON', async () => {
  const { asked, open } = mailboxBehind((answer) => Buffer.from(answer.toString('utf8').replace(/mail|part/g, 'x')));
  const remembered = gatewayWay();
  await assert.rejects(
    fetchAll(open(remembered), ['1']),
    (error) => error instanceof AppError && error.kind === 'transient',
  );
  assert.equal(remembered.form(), 'frames');
  assert.ok(asked.length <= 2 * (1 + gatewayWindow.halvings));
});

for (const [what, way] of [
  ['refused for its size', (answer: Buffer) => (answer.length > 1_500_000 ? 413 : answer)],
  ['cut off', (answer: Buffer) => answer.subarray(0, 1_500_000)],
  ['not waited for', (answer: Buffer) => (answer.length > 1_500_000 ? 504 : answer)],
] as const) {
  test(`an answer that is ${what} is asked for in halves, and the next mail too`, async () => {
    const mail = 'x'.repeat(5_000_000);
    const { asked, open } = mailboxBehind(way, mail);
    const remembered = gatewayWay();
    const [fetched] = await fetchAll(open(remembered), ['1'], mail.length);
    assert.ok(fetched !== undefined && utf8(fetched) === mail);
    assert.deepEqual(
      asked.map(({ bytes }) => bytes / 1024 / 1024),
      [4, 2, 1, 1, 1, 1, 1],
    );
    await fetchAll(open(remembered), ['2'], mail.length);
    assert.equal(asked[7]?.bytes, 1024 * 1024);
    assert.ok(asked.every(({ form }) => form === 'frames'));
  });
}

test('where each call comes to another gateway, which knows no ticket, a mail comes in pieces for which one call is enough', async () => {
  const mail = 'x'.repeat(3_000_000);
  const { asked, open } = mailboxBehind((answer, { ticket }) => {
    if (ticket !== null) return 410;
    return answer.length > 1_500_000 ? Buffer.concat([...sampleFrame(), ...continuedFrame('lost')]) : answer;
  }, mail);
  const [fetched] = await fetchAll(open(), ['1'], mail.length);
  assert.ok(fetched !== undefined && utf8(fetched) === mail);
  const MiB = 1024 * 1024;
  assert.deepEqual(
    asked.map(({ bytes, ticket, offset }) => [bytes / MiB, ticket, offset / MiB]),
    [
      [4, null, 0],
      [4, 'lost', 0],
      [2, null, 0],
      [2, 'lost', 0],
      [1, null, 0],
      [1, null, 1],
      [1, null, 2],
    ],
  );
});

test('the window grows again after full answers, and only after those', async () => {
  const remembered = gatewayWay();
  const window = () => remembered.windowOf('a', 'frames');
  assert.equal(remembered.shrink('a', 'frames'), true);
  assert.equal(remembered.shrink('a', 'frames'), true);
  for (let count = 0; count < 50; count += 1) remembered.noteAnswer('a', 1_000);
  assert.equal(window(), gatewayResponseBytes / 4);
  for (let count = 1; count < gatewayWindow.fullBeforeGrowth; count += 1) remembered.noteAnswer('a', window());
  assert.equal(window(), gatewayResponseBytes / 4);
  remembered.noteAnswer('a', window());
  assert.equal(window(), gatewayResponseBytes / 2);
  assert.equal(remembered.windowOf('b', 'frames'), gatewayResponseBytes);
  for (let count = 0; count < gatewayWindow.fullBeforeGrowth; count += 1) remembered.noteAnswer('a', window());
  assert.equal(window(), gatewayResponseBytes);
});

test('the window has a floor, and what is kept in mind has an end', () => {
  const remembered = gatewayWay();
  let halvings = 0;
  while (remembered.shrink('a', 'frames')) halvings += 1;
  assert.equal(remembered.windowOf('a', 'frames'), gatewayWindow.smallest);
  assert.equal(halvings, Math.log2(gatewayResponseBytes / gatewayWindow.smallest));
  for (let count = 0; count < gatewayWindow.remembered; count += 1) remembered.shrink(`other ${count}`, 'frames');
  assert.equal(remembered.windowOf('a', 'frames'), gatewayResponseBytes);
});

test('an answer that goes on is asked for by its ticket, from where the mail stands', async () => {
  const asked: (string | number | null)[][] = [];
  const piece = (text: string, last: boolean) =>
    partFrame({ handle: '1', outcome: 'part', bytes: Buffer.from(text), last });
  const answers = [
    { status: 202, bytes: Buffer.from('{"ticket":"a"}') },
    { status: 200, bytes: Buffer.concat([...sampleFrame(), ...continuedFrame('b')]) },
    { status: 200, bytes: Buffer.concat([...sampleFrame(), ...piece('on', false), ...continuedFrame('c')]) },
    { status: 202, bytes: Buffer.from('{"ticket":"d"}') },
    { status: 200, bytes: Buffer.concat([...sampleFrame(), ...piece('e', true), ...endFrame()]) },
  ];
  const mailbox = gatewayMailbox(
    async (path, body) => {
      const query = new URL(path, 'https://gateway.example').searchParams;
      asked.push([query.get('ticket'), JSON.parse(body).offset]);
      return answers[asked.length - 1] ?? { status: 500, bytes: Buffer.alloc(0) };
    },
    settings,
    { password: 'secret' },
  );
  assert.deepEqual((await fetchAll(mailbox, ['1'])).map(rawText), ['one']);
  assert.deepEqual(asked, [
    [null, 0],
    ['a', 0],
    ['b', 0],
    ['c', 2],
    ['d', 2],
  ]);
});

test('a gateway that never comes to an end is given up', async () => {
  let calls = 0;
  const mailbox = gatewayMailbox(
    async () => {
      calls += 1;
      return { status: 202, bytes: Buffer.from('{"ticket":"a"}') };
    },
    settings,
    { password: 'secret' },
  );
  await assert.rejects(mailbox.list(null, 5), isError('gateway-unavailable', 'transient'));
  assert.equal(calls, gatewayCallsPerJob);
  await assert.rejects(mailbox.settle(['1'], 'delete', ''), (error) => error instanceof AppError && error.uncertain);
});

test('what was read before an error is not asked for again', async () => {
  const offsets: number[] = [];
  const lost = new AppError('connection-lost', 'transient', 'Cut.');
  const mailbox = gatewayMailbox(
    async (_path, body) => {
      offsets.push(JSON.parse(body).offset);
      const first = partFrame({ handle: '1', outcome: 'part', bytes: Buffer.from('on'), last: false });
      return { status: 200, bytes: Buffer.concat([...sampleFrame(), ...first, ...errorFrame(lost)]) };
    },
    settings,
    { password: 'secret' },
  );
  await assert.rejects(fetchAll(mailbox, ['1']), isError('connection-lost', 'transient'));
  assert.deepEqual(offsets, [0]);
});

test('a mail goes to the gateway once, however many calls it takes to be sent', async () => {
  const sizes: number[] = [];
  const mailer = gatewayMailer(
    async (_path, body) => {
      sizes.push(typeof body === 'string' ? 0 : body.byteLength);
      const sent = { ok: true, value: { messageId: null, reply: '250 ok', refused: [] }, protocol: [] };
      return sizes.length < 3
        ? { status: 202, bytes: Buffer.from('{"ticket":"a"}') }
        : { status: 200, bytes: Buffer.from(JSON.stringify(sent)) };
    },
    {
      provider: 'smtp',
      name: 'Test',
      description: '',
      fromAddress: 'support@example.com',
      fromName: '',
      prefix: '',
      defaultForProjects: [],
      encryption: 'tls',
      host: 'smtp.example.com',
      port: 465,
      username: 'a',
      timeoutMs: 5_000,
      privateCa: '',
    },
    { password: 'secret' },
  );
  const envelope = { from: 'support@example.com', to: ['ada@example.org'] };
  await mailer.send({ messageId: '<1@example.com>', envelope, raw: Buffer.alloc(100_000, 'x') });
  assert.ok((sizes[0] ?? 0) > 100_000);
  assert.ok(
    sizes.slice(1).every((size) => size < 2_000),
    String(sizes),
  );
});
