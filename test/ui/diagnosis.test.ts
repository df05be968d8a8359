import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, type TestContext, test } from 'node:test';
import type { Browser, FrameLocator } from 'playwright-core';
import { parse } from 'yaml';
import { freshCursor } from '../../src/domain/cursor';
import { jiraIssues } from '../../src/jira/issues';
import { activityStore } from '../../src/store/activity';
import { connectionStore } from '../../src/store/connections';
import { cursorStore } from '../../src/store/cursors';
import type { ProductResponse } from '../emulator/forge/forge';
import { type LocalHost, startLocalHost } from '../emulator/local/local-host';
import { activityEntry } from '../support/activity-entry';
import { type GatewayFront, gatewayFront } from '../support/gateway-front';
import { settingsOf } from '../support/world';
import { launchBrowser } from './support/browser-page';
import { openSite, type Site } from './support/site';

/** The diagnosis page in a browser, with the unmodified app: green, and with each thing broken. */

let browser: Browser;
let host: LocalHost;
let front: GatewayFront;
const missingScopes = new Set<string>();
/** What Jira answers to a path that begins so, in its own place. */
const jiraSays = new Map<string, unknown>();

const json = (body: unknown): ProductResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

before(async () => {
  front = await gatewayFront();
  [browser, host] = await Promise.all([
    launchBrowser(),
    startLocalHost({
      start: false,
      build: true,
      gateway: front.url,
      platform: { missingScopes },
      inFrontOfJira: (jira) => ({
        ...jira,
        handle: async (request) => {
          const said = [...jiraSays].find(([path]) => request.path.startsWith(path));
          return said === undefined ? jira.handle(request) : json(said[1]);
        },
      }),
    }),
  ]);
  const manifest = parse(readFileSync(new URL('../../manifest.yml', import.meta.url), 'utf8'));
  await front.open(manifest.app.id, `${host.url}/_local/jwks`);
  await host.forge.run(workingSite);
});
after(async () => {
  await browser?.close();
  await host?.close();
  await front?.close();
});

/** A connection that was polled, and an issue that it made. */
async function workingSite(): Promise<void> {
  const now = Date.now();
  const settings = settingsOf();
  const connection = { id: 'c1', version: 1, state: 'enabled', settings, logUntil: 0 } as const;
  await connectionStore().insert({ ...connection, createdAt: now, updatedAt: now });
  await cursorStore(Date.now).put('c1', { ...freshCursor('mailbox', null, now), polledAt: now });
  const draft = {
    projectId: '10000',
    issueTypeId: '10001',
    summary: 'Made of a mail',
    sender: null,
    text: 'Hello',
    html: null,
    notice: null,
    origin: 'c1:1',
    messageId: null,
    connectionId: 'c1',
  };
  const issueKey = await jiraIssues({ now: Date.now, sleep: async () => {} }).create(draft);
  await activityStore(Date.now).record([activityEntry({ id: 'c1:1', connectionId: 'c1', issueKey, at: now })]);
}

const open = (t: TestContext) => openSite(t, browser, host, 'settings/diagnosis');

const row = (app: FrameLocator, name: string) => app.getByRole('listitem', { name, exact: true });
const status = ({ app }: Site, words: RegExp) => app.getByRole('status').filter({ hasText: words }).waitFor();

const runAgain = ({ app }: Site) => app.getByRole('button', { name: 'Run again' }).click();

test('a site on which all is well is green, check by check, and says so', async (t) => {
  const site = await open(t);
  const { app } = site;
  await status(site, /^All 9 checks are good\.$/);
  for (const [name, seen] of [
    ['Gateway', /^Answered after .* seconds?, version \d/],
    ['Binary answers', /^Binary: all 256 values/],
    ['Time of a call', /^At least 20 seconds$/],
    ['Clocks', /^Gateway: the same time\. Jira: the same time\.$/],
    ['Permissions', /^All \d+ permissions/],
    ['Hosts', /^All \d+ hosts/],
    ['Planned polls', /^The last poll was noted/],
    ['Storage lists', /^Listed at most/],
    ['Jira’s search', /^SUP-1 was found at most/],
  ] as const) {
    await row(app, name).getByText('Good', { exact: true }).waitFor();
    await row(app, name).getByText(seen).waitFor();
  }
  await app.getByText(`Id of the app`).waitFor();
  await app.getByText(process.version, { exact: true }).waitFor();
  await app.getByText(/^ari:cloud:ecosystem::installation\//).waitFor();
});

interface Broken {
  what: string;
  breaks: () => void;
  name: string;
  state: 'Failed' | 'Look at this' | 'Not known';
  words: RegExp;
}

const broken: Broken[] = [
  {
    what: 'the gateway is down',
    breaks: () => front.set({ isDown: true }),
    name: 'Gateway',
    state: 'Failed',
    words: /Not reached.*the gateway is down.*Next step/,
  },
  {
    what: 'the gateway’s address leads elsewhere',
    breaks: () => front.set({ isStranger: true }),
    name: 'Gateway',
    state: 'Failed',
    words: /Something else answers \(HTTP 404\)/,
  },
  {
    what: 'the gateway serves another app',
    breaks: () => front.set({ isForAnotherApp: true }),
    name: 'Gateway',
    state: 'Failed',
    words: /GATEWAY_AUDIENCE/,
  },
  {
    what: 'answers pass as text only',
    breaks: () => front.set({ isTextOnly: true }),
    name: 'Binary answers',
    state: 'Look at this',
    words: /JSON only/,
  },
  {
    what: 'calls are cut after twelve seconds',
    breaks: () => front.set({ cutAfter: 12 }),
    name: 'Time of a call',
    state: 'Look at this',
    words: /At least 10 seconds.*15 seconds did not come through \(HTTP 504\).*GATEWAY_ANSWER_SECONDS/,
  },
  {
    what: 'the gateway’s clock is off',
    breaks: () => front.set({ clockAheadMs: 300_000 }),
    name: 'Clocks',
    state: 'Failed',
    words: /Gateway: 5 minutes ahead.*NTP/,
  },
  {
    what: 'Jira’s clock is off',
    breaks: () => jiraSays.set('/rest/api/3/serverInfo', { serverTime: '2020-01-01T00:00:00.000+0000' }),
    name: 'Clocks',
    state: 'Failed',
    words: /Gateway: the same time\. Jira: \d+ days behind/,
  },
  {
    what: 'a permission is missing',
    breaks: () => missingScopes.add('write:jira-work'),
    name: 'Permissions',
    state: 'Failed',
    words: /1 of \d+ permissions missing.*write:jira-work \(to create issues/,
  },
  {
    what: 'search lags',
    breaks: () => jiraSays.set('/rest/api/3/search/jql', { issues: [] }),
    name: 'Jira’s search',
    state: 'Look at this',
    words: /SUP-1 is not found .* after it was made/,
  },
  {
    what: 'the store fails',
    breaks: () => host.forge.setFaults([{ match: 'diagnosis:', when: 'before', kind: 'error', times: 99 }]),
    name: 'Storage lists',
    state: 'Failed',
    words: /It could not be looked at/,
  },
];

function putRight(): void {
  front.set({});
  missingScopes.clear();
  jiraSays.clear();
  host.forge.setFaults([]);
}

test('each thing that is broken is told by its own check, in words, and is over when it is put right', async (t) => {
  t.after(putRight);
  const site = await open(t);
  await status(site, /^All/);
  for (const { what, breaks, name, state, words } of broken) {
    breaks();
    await runAgain(site);
    // What the run before found is gone when the next one begins, so that these words are this run's.
    await row(site.app, name)
      .filter({ hasText: state })
      .filter({ hasText: words })
      .waitFor()
      .catch((cause) => {
        throw new Error(what, { cause });
      });
    await status(site, /^Done: .*good\.$/);
    putRight();
  }
  await runAgain(site);
  await row(site.app, 'Storage lists').getByText('Good', { exact: true }).waitFor();
  await status(site, /^All 9 checks are good\.$/);
});

test('polls that are not noted for long are told', async (t) => {
  const site = await open(t);
  await status(site, /^All/);
  await host.forge.advance(3_600);
  await runAgain(site);
  await row(site.app, 'Planned polls').getByText('Failed', { exact: true }).waitFor();
  await row(site.app, 'Planned polls')
    .getByText(/^The last poll was noted 6\d minutes ago$/)
    .waitFor();
  // An old issue says nothing of how quick search is.
  await row(site.app, 'Jira’s search').getByText('Not known', { exact: true }).waitFor();
});

test('gives all of it as text, without a secret', async (t) => {
  const site = await open(t);
  await status(site, /^(All|Done)/);
  await site.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await site.app.getByRole('button', { name: 'Copy as text' }).click();
  const shown = site.app.getByRole('region', { name: 'The diagnosis as text' });
  await site.page
    .getByRole('alert')
    .filter({ hasText: /Copied|The browser does not let/ })
    .first()
    .waitFor();
  const text =
    (await shown.count()) > 0
      ? await shown.innerText()
      : await site.page.evaluate(() => navigator.clipboard.readText());
  assert.match(text, /^Letterbox, diagnosis of 20\d\d-/);
  assert.match(text, /\[Good\] Gateway: Answered after/);
  assert.match(text, /Next step: /);
  assert.match(text, /Id of the installation: ari:cloud:ecosystem::installation\//);
  assert.doesNotMatch(text, /@|password|Bearer/i);
});
