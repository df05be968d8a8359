import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gatewayMailbox } from '../../src/mail/gateway-client';
import { mailboxSettingsOf } from '../../src/mail/wire';
import { fetchAll } from '../contract/fetched';
import { startGateway, type TestGateway } from '../support/gateway';
import { inbox, type ScriptedImap, scriptedImap, scriptedSettings } from '../support/scripted-imap';

/** The protocol of requests through a real gateway: who gets it, and who does not. */
let gateway: TestGateway;
let server: ScriptedImap;
/** Set to let the server keep an answer back. */
let holdSearch: (() => void) | null = null;

before(async () => {
  gateway = await startGateway({ allowPlaintext: true, requestSeconds: 2 });
  const body = 'Subject: Canary\r\n\r\nCanary body\r\n';
  server = await scriptedImap({
    on: {
      login: (tag, args) => (args.includes('wrong') ? `${tag} NO [AUTHENTICATIONFAILED] no: ${args}` : `${tag} OK in`),
      select: (tag) => `${inbox(1, 2)}${tag} OK [READ-WRITE] open`,
      'uid fetch': (tag, args, socket) => {
        if (holdSearch !== null && !args.includes('BODY')) {
          holdSearch = () => socket.write(`${tag} OK late\r\n`);
          return undefined;
        }
        return args.includes('BODY')
          ? `* 1 FETCH (UID 1 BODY[] {${body.length}}\r\n${body})\r\n${tag} OK done`
          : `* 1 FETCH (UID 1 RFC822.SIZE ${body.length})\r\n${tag} OK done`;
      },
    },
  });
});
after(async () => {
  await server?.stop();
  await gateway?.stop();
});

/** A mailbox of an installation; `lines` is what it was told, null where it asks for nothing. */
function mailboxOf(installationId: string, username: string, isLogged: boolean, password = 'canary-password') {
  const lines: string[] = [];
  const settings = scriptedSettings(server.port, { username, timeoutMs: 20_000 });
  const options = isLogged ? { log: (text: string) => void lines.push(text) } : {};
  return { lines, mailbox: gatewayMailbox(gateway.invoke(installationId), settings, { password }, options) };
}

const raw = async (path: string, more: object, username = 'raw') => {
  const settings = mailboxSettingsOf(scriptedSettings(server.port, { username }));
  const body = { settings, credentials: { password: 'canary-password' }, ...more };
  const { status, bytes } = await gateway.invoke('raw')(path, JSON.stringify(body));
  return { status, text: Buffer.from(bytes).toString('latin1') };
};

test('brings the protocol of each kind of request, without the password and the mail', async () => {
  const { mailbox, lines } = mailboxOf('one', 'kinds', true);
  await mailbox.list(null, 5);
  assert.match(lines.join('\n'), /LOGIN \[hidden\]\n[\s\S]*SELECT INBOX\n[\s\S]*UID FETCH/);
  lines.length = 0;
  assert.equal((await fetchAll(mailbox, ['7.1'])).length, 1);
  assert.match(
    lines.join('\n'),
    /open still, and is used[\s\S]*UID FETCH 1 \(UID BODY\.PEEK\[\]\)\n.*BODY\[\] \[32 bytes\]/,
  );
  assert.doesNotMatch(lines.join('\n'), /canary|SELECT/i, 'what an earlier request said is not said again');
  lines.length = 0;
  await mailbox.settle(['7.1'], 'mark-read', '').catch(() => {});
  assert.match(lines.join('\n'), /UID STORE/);
});

test('a refused sign-in brings the protocol with its error', async () => {
  const { mailbox, lines } = mailboxOf('one', 'refused', true, 'canary-wrong');
  await assert.rejects(mailbox.list(null, 5));
  assert.match(lines.join('\n'), /LOGIN \[hidden\]\nS: \w+ NO \[AUTHENTICATIONFAILED\] no: /);
  lines.length = 0;
  await assert.rejects(fetchAll(mailbox, ['7.1']));
  assert.match(lines.join('\n'), /LOGIN \[hidden\]/);
  assert.doesNotMatch(lines.join('\n'), /canary/);
});

test('a server that quotes the password does not get it into an error or a report', async () => {
  for (const password of ['canary-wrong', `canary-wrong-${'x'.repeat(300)}`]) {
    const { mailbox } = mailboxOf('one', 'quoted', false, password);
    for (const work of [() => mailbox.list(null, 5), () => fetchAll(mailbox, ['7.1'])]) {
      await assert.rejects(work(), (error) => {
        const detail = String(Reflect.get(Object(error), 'detail'));
        assert.match(detail, /^no: "quoted" "\[redacted\]/);
        assert.doesNotMatch(detail, /canary|xxxx/);
        return true;
      });
    }
    const { steps } = await mailbox.check();
    assert.match(String(steps.at(-1)?.detail), /^no: "quoted" "\[redacted\]/);
    assert.doesNotMatch(JSON.stringify(steps), /canary|xxxx/);
  }
});

test('a session that lies in the pool tells its protocol only to requests that ask for it', async () => {
  const quiet = mailboxOf('one', 'pooled', false);
  const loud = mailboxOf('one', 'pooled', true);
  await quiet.mailbox.list(null, 5);
  await loud.mailbox.list(null, 5);
  await quiet.mailbox.folders();
  await loud.mailbox.list(null, 5);
  const text = loud.lines.join('\n');
  assert.equal(text.match(/open still, and is used/g)?.length, 2, 'it was one session');
  assert.doesNotMatch(text, /LOGIN|LIST/, 'what the other requests said is not in it');
  assert.deepEqual(quiet.lines, []);
});

test('two installations with the same mailbox at the same time each get their own lines only', async () => {
  const [one, two] = [mailboxOf('one', 'shared', true), mailboxOf('two', 'shared', true)];
  const three = mailboxOf('three', 'shared', false);
  for (let round = 0; round < 5; round += 1) {
    one.lines.length = 0;
    two.lines.length = 0;
    await Promise.all([one.mailbox.list(null, 5), two.mailbox.folders(), three.mailbox.list(null, 5)]);
    assert.match(one.lines.join('\n'), /UID FETCH/);
    assert.doesNotMatch(two.lines.join('\n'), /UID FETCH/);
    assert.match(two.lines.join('\n'), /LIST/);
    const asked = (lines: string[]) => lines.filter((line) => line.startsWith('# The gateway is asked')).length;
    assert.deepEqual([asked(one.lines), asked(two.lines)], [1, 1]);
    if (round > 0) assert.doesNotMatch(one.lines.join('\n'), / LIST /, 'in a session that is open');
  }
});

test('a request that ran out of time brings what was said until then', async () => {
  holdSearch = () => {};
  const { mailbox, lines } = mailboxOf('one', 'slow', true);
  await assert.rejects(mailbox.list(null, 5), /took longer/);
  assert.match(lines.at(-1) ?? '', /^C: \w+ UID FETCH/);
  holdSearch();
  holdSearch = null;
});

test('an app that does not ask for it gets the very answers that it always got', async () => {
  const listed = await raw('/v1/mailbox/list', { position: null, limit: 5 });
  assert.deepEqual(Object.keys(JSON.parse(listed.text)).sort(), ['ok', 'value']);
  const request = { handles: ['7.1'], offset: 0, maxBytes: 1_000 };
  assert.doesNotMatch((await raw('/v1/mailbox/fetch', request)).text, /"protocol"/);
  assert.match((await raw('/v1/mailbox/fetch', { ...request, debug: true })).text, /"protocol"/);
});

test('each line says how long ago it was, so that the app can tell when', async () => {
  const { text } = await raw('/v1/mailbox/list', { position: null, limit: 5, debug: true }, 'times');
  const { protocol } = JSON.parse(text) as { protocol: { agoMs: number }[] };
  assert.ok(protocol.length > 5);
  for (const [index, { agoMs }] of protocol.entries()) {
    assert.ok(agoMs >= (protocol[index + 1]?.agoMs ?? 0) && agoMs >= 0 && agoMs < 10_000);
  }
});
