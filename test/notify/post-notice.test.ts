import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { type AlertChannel, noSecret } from '../../src/domain/alert';
import type { PostedChannel } from '../../src/domain/alert-ports';
import type { Incident } from '../../src/domain/incident';
import { type Noted, type Notice, testNotice } from '../../src/domain/notice';
import { noticePoster } from '../../src/notify/post-notice';
import {
  type AlertReceivers,
  alertReceivers,
  customUrl,
  headerSecret,
  logicUrl,
  opsgenieKey,
  slackUrl,
  teamsUrl,
} from '../support/alert-receivers';

const now = Date.UTC(2026, 10, 20, 10);
let receivers: AlertReceivers;
before(async () => {
  receivers = await alertReceivers();
});
after(() => receivers.close());
afterEach(() => {
  receivers.answer = null;
  receivers.taken.length = 0;
  receivers.opsgenie.clear();
});

/** What Forge's gate does with the hosts: https outside, the stand-in inside. */
const toStandIn: typeof fetch = (input, init) => {
  const url = new URL(String(input));
  const base = receivers.hosts[url.host];
  if (base === undefined)
    return Promise.reject(Object.assign(new Error('blocked'), { errorCode: 'REQUEST_EGRESS_ALLOWLIST_ERR' }));
  const headers = new Headers(init?.headers);
  headers.set('x-forwarded-host', url.host);
  return fetch(base + url.pathname + url.search, { ...init, headers });
};
const post = noticePoster({ fetch: toStandIn, now: () => now });

const channels: Record<Exclude<AlertChannel['type'], 'email'>, [PostedChannel, Partial<typeof noSecret>]> = {
  slack: [{ type: 'slack' }, { url: slackUrl }],
  teams: [{ type: 'teams' }, { url: teamsUrl }],
  opsgenie: [{ type: 'opsgenie', region: 'us' }, { apiKey: opsgenieKey }],
  webhook: [
    { type: 'webhook', headerName: 'Authorization' },
    { url: customUrl, headerValue: headerSecret },
  ],
};
const send = (name: keyof typeof channels, notice: Notice, secret: Partial<typeof noSecret> = {}) =>
  post(channels[name][0], { ...noSecret, ...channels[name][1], ...secret }, notice);

const incident = (change: Partial<Incident> = {}): Incident => ({
  topic: 'connection:c1',
  rank: 2,
  kind: 'suspended',
  subject: 'Support',
  since: now - 600_000,
  title: '“Support” is suspended',
  text: 'The server refused the password. Enter it again.',
  ...change,
});
const noted = (change: Partial<Noted> = {}): Noted => {
  const { topic, rank, kind, subject, since } = incident();
  return { topic, rank, kind, subject, since, toldAt: now, calmSince: now, ...change };
};
const notice = (change: Partial<Notice> = {}): Notice => ({
  rule: 'Ops',
  at: now,
  isTest: false,
  appUrl: null,
  began: [incident()],
  ended: [],
  replaced: [],
  ...change,
});
const textOf = () => JSON.stringify(receivers.taken.map(({ body }) => body));

/** As long as the address of a site can be. */
const appUrl = `https://${'x'.repeat(50)}.atlassian.net/jira/settings/apps/3f0a4e6c-6f0e-4a57-9c3e-0b6d8f3b7a21/9f699e8b-33f1-4fa7-bd48-c5fdc44fa4c2`;

/** As nasty and as much as it gets: markup of every channel in a name, and more incidents than one message spells out. */
const nasty = '<!channel> *x* [a](https://evil.example) <https://evil.example|b> & {{DATE(2026)}} \u202e'.repeat(3);
const crowd = Array.from({ length: 500 }, (_, number) =>
  incident({ topic: `connection:${number}`, subject: nasty, title: `${number} ${nasty}`, text: nasty.repeat(10) }),
);

for (const name of Object.keys(channels) as (keyof typeof channels)[]) {
  describe(name, () => {
    test('takes a beginning, an end and a test, and says so', async () => {
      const { reply } = await send(name, notice());
      assert.ok(reply.length > 0 && reply.length <= 200);
      await send(name, notice({ began: [], ended: [noted()] }));
      await send(name, testNotice('Ops', now));
      assert.match(textOf(), /Support/);
      assert.match(textOf(), /Ops/);
      assert.match(textOf(), /test/);
    });

    for (const url of [null, appUrl]) {
      test(`takes the largest message with the nastiest texts, ${url === null ? 'without' : 'with'} links`, async () => {
        const began = name === 'opsgenie' ? crowd.slice(0, 25) : crowd;
        const ended = began.slice(0, 25).map(() => noted({ subject: nasty }));
        await send(name, notice({ began, ended, appUrl: url }));
        assert.ok(receivers.taken.length > 0);
        assert.equal(textOf().includes(appUrl), url !== null);
      });
    }

    test('leads to the page of what began, and says nothing of one while Jira does not tell its address', async () => {
      const quarantined = incident({ topic: 'quarantine:c7', kind: 'quarantined' });
      await send(name, notice({ began: [incident(), quarantined], appUrl }));
      for (const page of ['/incoming/connections/c1', '/incoming/activity/c7/quarantined']) {
        assert.ok(textOf().includes(`${appUrl}${page}`), page);
      }
      receivers.taken.length = 0;
      await send(name, notice());
      assert.doesNotMatch(textOf(), /https?:\/\/(?!adaptivecards)|null\//);
    });

    test('waits when it is asked to, in seconds or until a date', async () => {
      receivers.answer = { status: 429, headers: { 'retry-after': '120' }, body: 'rate_limited' };
      await assert.rejects(send(name, notice()), { code: 'throttled', kind: 'transient', retryAfterMs: 120_000 });
      const date = new Date(now + 60_000).toUTCString();
      const headers = { 'retry-after': date, date: new Date(now).toUTCString() };
      receivers.answer = { status: 503, headers, body: 'later' };
      await assert.rejects(send(name, notice()), { retryAfterMs: 60_000 });
    });

    test('follows no redirect', async () => {
      const before = receivers.requests;
      receivers.answer = { status: 302, headers: { location: customUrl }, body: '' };
      await assert.rejects(send(name, notice()), { code: 'redirected', kind: 'access', uncertain: false });
      assert.equal(receivers.requests, before + 1);
    });

    test('never repeats the part of a URL that is secret, as servers do that do not know it', async () => {
      const { url = '' } = channels[name][1];
      const { pathname, search } = new URL(url || 'https://example.com/none?no=thing');
      const inJson = JSON.stringify({ path: pathname }).replaceAll('/', '\\/');
      receivers.answer = { status: 404, body: `${inJson} <pre>Cannot POST ${pathname}${search}</pre> ${pathname}` };
      await assert.rejects(send(name, notice()), ({ detail }: { detail?: string }) => {
        for (const part of [pathname, search])
          assert.ok(part === '' || url === '' || !`${detail}`.includes(part), detail);
        const last = pathname.split('/').at(-1) ?? '';
        assert.ok(url === '' || last.length < 16 || !`${detail}`.includes(last), detail);
        return true;
      });
    });

    test('reads only the beginning of an endless answer, and never repeats what is secret', async () => {
      const secrets = [slackUrl, teamsUrl, customUrl, opsgenieKey, headerSecret];
      receivers.answer = { status: 500, body: secrets.join(' ') + 'x'.repeat(1_000_000) };
      await assert.rejects(send(name, notice()), (thrown: { message: string; detail: string; uncertain: boolean }) => {
        assert.ok(thrown.detail.length <= 200);
        for (const secret of Object.values(channels[name][1])) assert.ok(!`${thrown.detail}`.includes(String(secret)));
        assert.equal(thrown.uncertain, false);
        return true;
      });
    });
  });
}

test('a host that nobody agreed to is no riddle', async () => {
  await assert.rejects(send('webhook', notice(), { url: 'https://other.example.com/x' }), {
    code: 'host-not-allowed',
    kind: 'access',
    uncertain: false,
  });
});

test('what the proxy says by a code that nobody knows leaves open whether it arrived; a limit does not', async () => {
  for (const [status, uncertain] of [
    [502, true],
    [504, true],
    [400, true],
    [429, false],
  ] as const) {
    const refused = Object.assign(new Error('refused'), { status, errorCode: 'SOMETHING_NEW' });
    const refusing = noticePoster({ fetch: () => Promise.reject(refused), now: () => now });
    await assert.rejects(refusing({ type: 'slack' }, { ...noSecret, url: slackUrl }, notice()), { uncertain });
  }
});

test('a request without an answer may have arrived; its error names no address', async () => {
  const cut = noticePoster({ fetch: () => Promise.reject(new Error(`socket hang up ${slackUrl}`)), now: () => now });
  await assert.rejects(cut({ type: 'slack' }, { ...noSecret, url: slackUrl }, notice()), (thrown: Error) => {
    assert.equal(Reflect.get(thrown, 'uncertain'), true);
    assert.equal(thrown.cause, undefined);
    assert.ok(!thrown.message.includes('slackSecret'));
    return true;
  });
});

test('Slack gets text whose markup means nothing, and a moment in the reader’s time zone', async () => {
  await send('slack', notice({ began: [incident({ title: nasty })] }));
  // The header is plain text, which Slack shows as it is.
  const marked = JSON.stringify(receivers.taken.map(({ body }) => [body.text, body.blocks]));
  assert.doesNotMatch(marked.replace(/"plain_text","text":"[^"]*"/g, ''), /<!channel>|<https/);
  assert.match(textOf(), /<!date\^1795168200\^\{date_short_pretty\} \{time\}\|2026-11-20 09:50 UTC>/);
});

const slackRefusals: [path: string, words: RegExp][] = [
  ['gone', /no longer knows/],
  ['archived', /archived/],
  ['prohibited', /does not let this webhook post/],
  ['wrong', /no longer knows/],
];
for (const [path, words] of slackRefusals) {
  test(`Slack’s refusal of a webhook that is ${path} is explained`, async () => {
    const url = `https://hooks.slack.com/services/T00/B00/${path}`;
    await assert.rejects(send('slack', notice(), { url }), { code: 'alert-refused', kind: 'access', message: words });
  });
}

test('Teams gets its cards at both kinds of hosts, and its refusals are explained', async () => {
  await send('teams', notice(), { url: logicUrl });
  assert.equal(receivers.taken[0]?.host, new URL(logicUrl).host);
  await assert.rejects(send('teams', notice(), { url: teamsUrl.replace(/&sig=.*/, '') }), { message: /not complete/ });
});

test('Opsgenie has one alert an incident, closed when it is over or replaced', async () => {
  const worse = incident({ rank: 3, kind: 'quarantined' });
  await send('opsgenie', notice());
  await send('opsgenie', notice({ began: [worse], replaced: [noted()] }));
  const state = () => [...receivers.opsgenie].map(([alias, { open, count }]) => [alias, open, count]);
  assert.deepEqual(state(), [
    ['letterbox:connection:c1:2', false, 1],
    ['letterbox:connection:c1:3', true, 1],
  ]);
  await send('opsgenie', notice({ began: [], ended: [noted({ rank: 3 })] }));
  assert.deepEqual(state().at(-1), ['letterbox:connection:c1:3', false, 1]);
});

test('Opsgenie’s two regions have their own hosts, its refusals are explained, and a test wakes nobody', async () => {
  await post({ type: 'opsgenie', region: 'eu' }, { ...noSecret, apiKey: opsgenieKey }, testNotice('Ops', now));
  assert.deepEqual(
    receivers.taken.map(({ host }) => host),
    ['api.eu.opsgenie.com', 'api.eu.opsgenie.com'],
  );
  assert.deepEqual(
    [...receivers.opsgenie.values()].map(({ open, body }) => [open, body.priority]),
    [[false, 'P5']],
  );
  await assert.rejects(send('opsgenie', notice(), { apiKey: 'wrong' }), { message: /one of an API integration/ });
});

test('a custom webhook gets the documented JSON, with the secret header', async () => {
  const ended = [noted({ topic: 'connection:c2', subject: 'Sales', kind: 'failing' })];
  await send('webhook', notice({ ended, appUrl }));
  const [call] = receivers.taken;
  assert.equal(call?.headers.authorization, headerSecret);
  const { text, ...body } = call?.body ?? {};
  assert.match(String(text), /^Letterbox: 1 new problem, 1 over\n/);
  assert.deepEqual(body, {
    app: 'letterbox',
    version: 1,
    rule: 'Ops',
    test: false,
    sentAt: '2026-11-20T10:00:00.000Z',
    title: 'Letterbox: 1 new problem, 1 over',
    url: `${appUrl}/settings/alerts`,
    incidents: [
      {
        id: 'connection:c1:2',
        kind: 'suspended',
        state: 'began',
        subject: 'Support',
        since: '2026-11-20T09:50:00.000Z',
        title: '“Support” is suspended',
        text: 'The server refused the password. Enter it again.',
        url: `${appUrl}/incoming/connections/c1`,
      },
      {
        id: 'connection:c2:2',
        kind: 'failing',
        state: 'over',
        subject: 'Sales',
        since: '2026-11-20T09:50:00.000Z',
        title: '“Sales” no longer fails',
        text: '',
        url: `${appUrl}/incoming/connections/c2`,
      },
    ],
  });
});
