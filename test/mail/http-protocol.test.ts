import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { gmailMailbox } from '../../src/mail/gmail/gmail-mailbox';
import { gmailMailer } from '../../src/mail/gmail/gmail-mailer';
import { graphMailbox } from '../../src/mail/graph/graph-mailbox';
import { graphMailer } from '../../src/mail/graph/graph-mailer';
import type { HttpDeps } from '../../src/mail/http';
import { fetchAll } from '../contract/fetched';
import { startGoogle } from '../emulator/google/google';
import { startMicrosoft } from '../emulator/microsoft/microsoft';
import { type HttpProvider, type HttpStage, startHttpStage } from '../faults/http-stage';
import { routedFetch } from '../support/routed-fetch';

/** The log of connections that are read over HTTPS, through whole polls and close up. */
let stage: HttpStage;
before(async () => {
  stage = await startHttpStage();
});
after(() => stage.close());

const providers: HttpProvider[] = ['gmail', 'graph'];

async function logged(id: string): Promise<string[]> {
  return (await stage.call('connections.protocol', { id })).lines.map(({ text }) => text);
}

for (const provider of providers) {
  test(`${provider}: shows each call while the log is on, and nothing of the mail`, async () => {
    const inbox = await stage.inbox(provider);
    inbox.deliver('Canary one', 'Canary two');
    await inbox.poll();
    assert.deepEqual(await logged(inbox.id), [], 'it was not on yet');

    const { version } = await inbox.view();
    const { until } = await stage.call('connections.log', { id: inbox.id, version, on: true });
    assert.ok(until !== null);
    inbox.deliver('Canary three');
    await inbox.poll();
    assert.deepEqual(inbox.issues(), ['Canary one', 'Canary two', 'Canary three']);
    const lines = await logged(inbox.id);
    const text = lines.join('\n');
    assert.match(lines[0] ?? '', /^# Poll begins: somebody asked for it\.$/);
    assert.match(lines.at(-1) ?? '', /^# Poll ends after \d+ ms: what was there is done\.$/);
    assert.match(
      text,
      provider === 'gmail' ? /^GET \/gmail\/v1\/users\/me\/history\?/m : /^GET \/v1\.0\/me\/mailFolders\(/m,
    );
    assert.match(text, / → 200, [\d,]+ bytes, \d+ ms$/m);
    assert.doesNotMatch(text, /canary|ada@example|Bearer|eyJ|ya29/i);

    inbox.faults.add({ match: inbox.calls.news, kind: 'status', status: 429, retryAfter: '77', times: 1 });
    await inbox.poll();
    const after = (await logged(inbox.id)).slice(lines.length).join('\n');
    assert.match(after, / → 429, [\d,]+ bytes, \d+ ms, Retry-After: 77$/m);
    assert.match(after, /^# Poll ends after \d+ ms: throttled\. /m);
    inbox.faults.clear();
  });
}

test('is off by itself after fifteen minutes on the clock of the platform', async () => {
  const inbox = await stage.inbox('gmail', { start: { from: 'now' } });
  const { version } = await inbox.view();
  await stage.call('connections.log', { id: inbox.id, version, on: true });
  await stage.forge.advance(14 * 60);
  await inbox.poll();
  const { lines, until } = await stage.call('connections.protocol', { id: inbox.id });
  assert.ok(lines.length >= 3 && until !== null, JSON.stringify({ lines, until }));
  await stage.forge.advance(60);
  const noted = (await logged(inbox.id)).length;
  await inbox.poll();
  const later = await stage.call('connections.protocol', { id: inbox.id });
  assert.deepEqual([later.lines.length, later.until], [noted, null]);
});

const token = `canary-token-${'t'.repeat(60)}`;
const renewed = `canary-renewed-${'r'.repeat(60)}`;

/** An emulated mailbox of one provider, whose first token is refused. */
async function closeUp(t: TestContext, provider: HttpProvider) {
  const lines: string[] = [];
  const address = 'desk@contoso.example';
  const access = {
    mailbox: address,
    scopes:
      provider === 'gmail'
        ? ['https://www.googleapis.com/auth/gmail.modify', 'https://www.googleapis.com/auth/gmail.send']
        : ['Mail.ReadWrite', 'Mail.Send'],
  };
  const verify = (bearer: string) => (bearer === renewed ? access : null);
  const google = await startGoogle({ verify });
  const microsoft = await startMicrosoft({ verify });
  t.after(() => Promise.all([google.close(), microsoft.close()]));
  microsoft.addMailbox(address);
  const seen: string[] = [];
  const routed = routedFetch({ 'gmail.googleapis.com': google.url, 'graph.microsoft.com': microsoft.url });
  const deps: HttpDeps = {
    fetch: (input, init) => {
      seen.push(String(new Headers(init?.headers).get('authorization')));
      return routed(input, init);
    },
    now: Date.now,
    getAccessToken: async (wish) => (wish?.forceRefresh ? renewed : token),
    log: (text) => void lines.push(text),
  };
  const mailbox =
    provider === 'gmail'
      ? gmailMailbox({ folder: '', timeoutMs: 10_000 }, deps)
      : graphMailbox(
          { folder: '', mailbox: 'me', application: false, host: 'graph.microsoft.com', timeoutMs: 10_000 },
          deps,
        );
  const account = { mailbox: 'me', application: false, host: 'graph.microsoft.com', timeoutMs: 10_000 } as const;
  const mailer = provider === 'gmail' ? gmailMailer({ timeoutMs: 10_000 }, deps) : graphMailer(account, deps);
  const deliver = (raw: string) => (provider === 'gmail' ? google : microsoft).deliver(raw, { mailbox: address });
  return { lines, seen, mailbox, mailer, deliver };
}

for (const provider of providers) {
  test(`${provider}: tells that a token was renewed, and shows neither the old one nor the new one`, async (t) => {
    const { lines, seen, mailbox, deliver } = await closeUp(t, provider);
    deliver('From: Canary <canary@example.org>\r\nSubject: Canary subject\r\n\r\nCanary body\r\n');
    const { arrivals } = await mailbox.list(null, 10);
    const handles = arrivals.map(({ handle }) => handle);
    assert.equal((await fetchAll(mailbox, handles)).length, 1);
    await mailbox.settle(handles, 'delete', '');
    const text = lines.join('\n');
    assert.ok(seen.includes(`Bearer ${token}`) && seen.includes(`Bearer ${renewed}`), 'both passed by');
    assert.doesNotMatch(text, /canary|tttt|rrrr|Bearer/i);
    assert.match(text, /→ 401, .*\n# The access token was refused, and is renewed\.\nGET .* → 200/);
    assert.match(text, /^# In the batch: 1 × 20\d$/m);
    assert.match(text, /^POST \/(batch\/gmail\/v1|v1\.0\/\$batch) → 200/m);
  });
}

for (const provider of providers) {
  test(`${provider}: shows the calls of a mail that is sent, and nothing of it`, async (t) => {
    const { lines, mailer } = await closeUp(t, provider);
    const raw = 'From: desk@contoso.example\r\nTo: canary@example.org\r\nSubject: Canary\r\n\r\nCanary body\r\n';
    const envelope = { from: 'desk@contoso.example', to: ['canary@example.org'] };
    await mailer.send({ messageId: '<canary@example.org>', envelope, raw: Buffer.from(raw) });
    const text = lines.join('\n');
    assert.match(text, /^POST \/(upload\/gmail|v1\.0\/me)\/\S+ → 20\d, [\d,]+ bytes, \d+ ms$/m);
    assert.doesNotMatch(text, /canary|tttt|rrrr|Bearer/i);
  });
}

test('without a log nothing is told, and everything works the same', async (t) => {
  const { lines, mailbox } = await closeUp(t, 'gmail');
  await mailbox.list(null, 10);
  assert.ok(lines.length > 0);
  const quiet = gmailMailbox(
    { folder: '', timeoutMs: 10_000 },
    { fetch: () => Promise.reject(new Error('down')), now: Date.now, getAccessToken: async () => token },
  );
  await assert.rejects(quiet.list(null, 10), { code: 'unreachable' });
});
