import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { decodeAnswer } from '../../src/mail/frames';
import { gatewayMailbox } from '../../src/mail/gateway-client';
import { mailboxSettingsOf } from '../../src/mail/wire';
import { fetchAll, isError, rawText } from '../contract/fetched';
import { startGateway, type TestGateway } from '../support/gateway';
import { inbox, type ScriptedImap, scriptedImap, scriptedSettings } from '../support/scripted-imap';

const mail = (subject: string, times: number) => `Subject: ${subject}\r\n\r\n${'é\x80\xff'.repeat(times)}\r\n`;
// Longer than what the gateway collects before it sends.
const first = mail('first', 50_000);
const second = mail('second', 1_000);
const literal = (uid: number, text: string) => `* ${uid} FETCH (UID ${uid} BODY[] {${text.length}}\r\n${text})\r\n`;

let gateway: TestGateway;
let server: ScriptedImap;
/** Goes on with what the server holds back. */
const release: (() => void)[] = [];
before(async () => {
  gateway = await startGateway({ allowPlaintext: true, answerSeconds: 0.05 });
  server = await scriptedImap({
    on: {
      select: (tag) => `${inbox(2, 3)}${tag} OK [READ-WRITE] open`,
      list: (tag, args, socket) => {
        // Only what looks for folders is held back.
        if (!/[*%]/.test(args)) return `* LIST () "/" INBOX\r\n${tag} OK done`;
        release.push(() => socket.write(`* LIST () "/" INBOX\r\n${tag} OK done\r\n`));
        return undefined;
      },
      'uid store': (tag, _args, socket) => {
        release.push(() => socket.write(`${tag} OK done\r\n`));
        return undefined;
      },
      'uid fetch': (tag, args, socket) => {
        if (!args.includes('BODY')) {
          const rows = [first, second].map(
            (text, at) => `* ${at + 1} FETCH (UID ${at + 1} RFC822.SIZE ${text.length})`,
          );
          return `${rows.join('\r\n')}\r\n${tag} OK done`;
        }
        // The first message, and half of the second one.
        const rest = literal(2, second);
        socket.write(literal(1, first) + rest.slice(0, 500), 'latin1');
        release.push(() => socket.write(`${rest.slice(500)}${tag} OK done\r\n`, 'latin1'));
        return undefined;
      },
    },
  });
});
after(async () => {
  await server?.stop();
  await gateway?.stop();
});

const settings = (username: string) => scriptedSettings(server.port, { username, timeoutMs: 30_000 });
const bodyOf = (username: string, more = {}) =>
  JSON.stringify({ settings: mailboxSettingsOf(settings(username)), credentials: { password: 'secret' }, ...more });
const ticketOf = ({ bytes }: { bytes: Uint8Array }): string => JSON.parse(Buffer.from(bytes).toString()).ticket;
const releaseAll = () => {
  for (const go of release.splice(0)) go();
};

test('a call ends in time, and the next one brings what has come of the job, which is begun once', async () => {
  const post = gateway.invoke('folders');
  const asked = () => server.commands.filter((line) => /^LIST .*[*%]/.test(line)).length;
  let last = await post('/v1/mailbox/folders?wait=15', bodyOf('folders'));
  let callsAfter = 0;
  for (let calls = 1; last.status === 202 && calls < 200; calls += 1) {
    if (asked() > 0) callsAfter += 1;
    if (callsAfter > 2) releaseAll();
    last = await post(`/v1/mailbox/folders?wait=15&ticket=${ticketOf(last)}`, bodyOf('folders'));
  }
  assert.equal(asked(), 1);
  assert.ok(callsAfter > 2);
  assert.equal(last.status, 200);
  assert.equal(JSON.parse(Buffer.from(last.bytes).toString()).ok, true);
});

for (const form of ['frames', 'json'] as const) {
  test(`a download goes on where the call before it ended, as ${form}`, async () => {
    const user = `download-${form}`;
    const post = gateway.invoke(user);
    const body = bodyOf(user, { handles: ['7.1', '7.2'], offset: 0, maxBytes: 1_000_000 });
    const seen: string[] = [];
    let answer = await post(`/v1/mailbox/fetch?wait=15&form=${form}`, body);
    for (let calls = 1; ; calls += 1) {
      let ticket: string | null;
      if (answer.status === 202) ticket = ticketOf(answer);
      else {
        const decoded = decodeAnswer(answer.bytes);
        seen.push(...decoded.parts.map((part) => `${part.handle} ${part.outcome === 'part' && part.bytes.length}`));
        ticket = decoded.ticket;
      }
      if (ticket === null) break;
      // The first message came, and the second one did not: now it does.
      if (seen.length > 0) releaseAll();
      assert.ok(calls < 100);
      answer = await post(`/v1/mailbox/fetch?wait=15&form=${form}&ticket=${ticket}`, body);
    }
    assert.deepEqual(seen, [`7.1 ${first.length}`, `7.2 ${second.length}`]);
    const fetches = server.commands.filter((line) => /^UID FETCH .*BODY/.test(line));
    assert.ok(fetches.length <= (form === 'frames' ? 1 : 2), 'the server is asked for each message once');
  });
}

test('the adapter gets whole messages over as many calls as it takes', async () => {
  const slow = setInterval(releaseAll, 120);
  try {
    const mailbox = gatewayMailbox(gateway.invoke('adapter'), settings('adapter'), { password: 'secret' });
    assert.deepEqual((await fetchAll(mailbox, ['7.1', '7.2'])).map(rawText), [first, second]);
  } finally {
    clearInterval(slow);
  }
});

test('what another installation waits for is not given away', async () => {
  const early = await gateway.invoke('owner')('/v1/mailbox/folders?wait=15', bodyOf('owner'));
  const path = `/v1/mailbox/folders?wait=15&ticket=${ticketOf(early)}`;
  const stranger = await gateway.invoke('stranger')(path, bodyOf('stranger'));
  assert.equal(stranger.status, 410);
  releaseAll();
});

test('nobody knows what became of a change whose ticket is lost, and it is not made a second time', async () => {
  const post = gateway.invoke('lost');
  const mailbox = gatewayMailbox(
    (path, body) => post(path.replace(/ticket=[^&]+/, 'ticket=of-another-gateway'), body),
    settings('lost'),
    { password: 'secret' },
  );
  await assert.rejects(mailbox.settle(['7.1'], 'mark-read', ''), (error) => {
    assert.equal(Reflect.get(Object(error), 'uncertain'), true);
    return isError('gateway-lost', 'transient')(error);
  });
  assert.ok(server.commands.filter((line) => /^LOGIN .*lost/.test(line)).length <= 1);
  releaseAll();
});

test('a caller that names no time waits for the whole answer, as apps of an older version do', async () => {
  const slow = setInterval(releaseAll, 150);
  try {
    const body = bodyOf('older', { handles: ['7.1'], offset: 0, maxBytes: 1_000_000 });
    const { status, bytes } = await gateway.invoke('older')('/v1/mailbox/fetch', body);
    assert.equal(status, 200);
    assert.doesNotMatch(Buffer.from(bytes).toString('latin1'), /"sample"|"continued"/);
    assert.equal(decodeAnswer(bytes).ticket, null);
  } finally {
    clearInterval(slow);
  }
});

test('terms that make no sense are refused', async () => {
  for (const query of ['wait=0', 'form=xml', 'bytes=99999999', 'ticket='])
    assert.equal((await gateway.invoke()(`/v1/mailbox/folders?${query}`, bodyOf('terms'))).status, 400, query);
});
