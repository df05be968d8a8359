import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { type LocalHost, startLocalHost } from './local-host';

const moduleKey = 'letterbox-admin';
let host: LocalHost;

before(async () => {
  host = await startLocalHost({ start: false, searchLagMs: 0 });
});
after(() => host.close());

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(host.url + path, { headers, redirect: 'manual' });
async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(host.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}
const invoke = async (functionKey: string, payload: unknown, accountId: string | null = 'admin') =>
  (await post('/_local/invoke', { module: moduleKey, functionKey, payload, accountId })).body;

const settings = () => ({
  provider: 'imap',
  name: 'Support',
  host: 'localhost',
  port: host.mail.ports.imaps,
  username: 'support@letterbox.test',
  privateCa: host.mail.ca,
  target: { projectId: '10000', issueTypeId: '10001' },
});

describe('the control calls', () => {
  test('carry a mail from SMTP to an issue, once, through the app and the gateway', async () => {
    const password = 'letterbox';
    assert.equal((await invoke('connections.test', { settings: settings(), password })).value.ok, true);
    const wrong = await invoke('connections.test', { settings: settings(), password: 'wrong' });
    assert.equal(wrong.value.steps.at(-1).step, 'sign-in');
    const { value } = await invoke('connections.create', { settings: settings(), password });
    await invoke('connections.enable', { id: value.id, version: value.version, start: { from: 'everything' } });

    assert.deepEqual((await post('/_local/sample-mail', { kind: 'attachment' })).body, { sent: 1 });
    const run = await post('/_local/trigger/plan-polls', {});
    assert.ok(run.body.invocations > 1);
    await post('/_local/trigger/plan-polls', {});

    const found = await get('/jira/rest/api/3/search/jql?jql=project=SUP&fields=summary,attachment');
    const { issues } = await found.json();
    assert.deepEqual(
      issues.map(({ fields }: { fields: { summary: string } }) => fields.summary),
      ['Log files of the failed backup'],
    );
    assert.equal(issues[0].fields.attachment.length, 2);

    const usage = await (await get('/_local/usage')).json();
    assert.ok(usage.invocations.poll.count >= 1);
    assert.ok(usage.egress['remote:gateway'] >= 1);
    const storage = await (await get(`/_local/storage?prefix=cursor/`)).json();
    assert.deepEqual(Object.keys(storage), [`cursor/${value.id}`]);
    const everything = await (await get('/_local/storage')).text();
    assert.ok(everything.includes('"***"'));
    assert.equal(everything.includes(`"${password}"`), false);
  });

  test('let the app itself refuse who is no administrator', async () => {
    for (const accountId of ['agent', 'customer', null]) {
      assert.equal((await invoke('connections.list', {}, accountId)).error.code, 'forbidden');
    }
    assert.equal((await invoke('connections.list', {})).ok, true);
  });

  test('make calls fail on command, and heal with an empty list', async () => {
    const fault = { match: 'jira/rest/api/3/project/search', when: 'before', kind: 'error', status: 503, times: 100 };
    assert.equal((await post('/_local/faults', [fault])).status, 200);
    assert.equal((await invoke('jira.projects', { query: '' })).ok, false);
    await post('/_local/faults', []);
    assert.equal((await invoke('jira.projects', { query: '' })).value.length, 2);
  });

  test('move the clock', async () => {
    await post('/_local/clock', { advanceSeconds: 3_600 });
    const { key } = (
      await post('/jira/rest/api/3/issue', {
        fields: { project: { key: 'DEV' }, issuetype: { name: 'Bug' }, summary: 'Later' },
      })
    ).body;
    const { fields } = await (await get(`/jira/rest/api/3/issue/${key}`)).json();
    assert.ok(Date.parse(fields.created) > Date.now() + 3_000_000);
  });

  test('call a function that takes nothing without a payload', async () => {
    const { body } = await post('/_local/invoke', {
      module: moduleKey,
      functionKey: 'credentials.list',
      accountId: 'admin',
    });
    assert.deepEqual([body.ok, body.value.credentials], [true, []]);
  });

  test('refuse what they do not understand, and say why', async () => {
    const refusals: [string, unknown][] = [
      ['/_local/invoke', { functionKey: 'x' }],
      ['/_local/invoke', '{'],
      ['/_local/clock', { advanceSeconds: -1 }],
      ['/_local/faults', [{ match: 'x', when: 'sometimes', kind: 'error', times: 1 }]],
      ['/_local/sample-mail', { kind: 'spam' }],
    ];
    for (const [path, body] of refusals) {
      const answer = await post(path, body);
      assert.equal(answer.status, 400, path);
      assert.notEqual(answer.body.message, '');
    }
    assert.equal((await post('/_local/trigger/nothing', {})).status, 404);
  });

  test('answer no page of another site', async () => {
    const evil = { origin: 'https://evil.example' };
    assert.equal((await post('/_local/clock', { advanceSeconds: 0 }, evil)).status, 403);
    assert.equal((await get('/_local/storage', evil)).status, 403);
    assert.equal((await post('/_local/clock', { advanceSeconds: 0 }, { origin: host.url })).status, 200);
  });

  test('show keys for invocation tokens, and outgoing mail', async () => {
    const { keys } = await (await get('/_local/jwks')).json();
    assert.equal(keys[0].kty, 'RSA');
    assert.equal('d' in keys[0], false);
    host.mail.deliver({
      from: 'a@letterbox.test',
      recipients: ['b@example.test'],
      raw: Buffer.from('Subject: Out\r\n\r\nHi'),
    });
    const [sent] = await (await get('/_local/mail')).json();
    assert.deepEqual(sent.envelope, { from: 'a@letterbox.test', to: ['b@example.test'] });
    assert.match(await (await get('/outgoing')).text(), /Out \(/);
  });
});

describe('the pages', () => {
  test('lead from the start page to everything', async () => {
    const page = await (await get('/')).text();
    for (const [, path = ''] of page.matchAll(/href="(\/[^"]*)"/g)) {
      const { status } = await get(path);
      assert.ok(status === 200 || status === 302, `${path} answers ${status}`);
    }
    assert.ok(page.includes(host.mail.ca.split('\n')[1] ?? '-'));
    assert.ok(page.includes(String(host.mail.ports.imaps)));
  });

  test('show the admin page to administrators only', async () => {
    const shell = (await get('/jira/settings/apps')).headers.get('location') ?? '';
    assert.match(await (await get(shell)).text(), /<iframe id="app"|not built yet/);
    const page = await (await get(shell, { cookie: 'letterbox-user=agent' })).text();
    assert.match(page, /Only Jira administrators/);
    assert.equal(page.includes('<iframe'), false);
    assert.equal(page.includes('frame-config'), false);
  });

  test('escape whatever a mail brought', async () => {
    const attack = '<script>alert(1)</script>"\'><img src=x onerror=alert(1)>';
    const link = (href: string) => ({ type: 'text', text: 'click', marks: [{ type: 'link', attrs: { href } }] });
    const description = {
      type: 'doc',
      version: 1,
      content: [
        {
          type: 'paragraph',
          content: [{ type: 'text', text: attack }, link('javascript:alert(1)'), link('https://ok.example/')],
        },
        { type: 'codeBlock', attrs: { language: attack }, content: [{ type: 'text', text: attack }] },
        {
          type: 'panel',
          attrs: { panelType: 'info' },
          content: [{ type: 'paragraph', content: [{ type: 'text', text: attack }] }],
        },
      ],
    };
    const fields = { project: { key: 'SUP' }, issuetype: { name: 'Task' }, summary: attack, description };
    const { key } = (await post('/jira/rest/api/3/issue', { fields, properties: [{ key: attack, value: { attack } }] }))
      .body;
    for (const path of [`/jira/browse/${key}`, '/jira/projects/SUP']) {
      const page = await (await get(path)).text();
      assert.ok(page.includes('&lt;script&gt;alert(1)'));
      assert.equal(/<script>alert|<img src=x|href="javascript/.test(page), false);
    }
    assert.ok((await (await get(`/jira/browse/${key}`)).text()).includes('href="https://ok.example/"'));
  });

  test('never run an attachment as a page, and show only harmless pictures', async () => {
    const attach = async (name: string, type: string) => {
      const form = new FormData();
      form.append('file', new Blob(['<script>alert(1)</script>'], { type }), name);
      const url = `${host.url}/jira/rest/api/3/issue/SUP-1/attachments`;
      const [added] = await (
        await fetch(url, { method: 'POST', body: form, headers: { 'x-atlassian-token': 'no-check' } })
      ).json();
      return get(`/jira/attachments/${added.id}?preview`);
    };
    for (const [name, type] of [
      ['a.html', 'text/html'],
      ['a.svg', 'image/svg+xml'],
    ] as const) {
      const { headers } = await attach(name, type);
      assert.equal(headers.get('content-type'), 'application/octet-stream');
      assert.match(headers.get('content-disposition') ?? '', /^attachment/);
    }
    const picture = await attach('a.png', 'image/png');
    assert.equal(picture.headers.get('content-type'), 'image/png');
    assert.match(picture.headers.get('content-security-policy') ?? '', /sandbox/);
  });

  test('let nobody read files outside the page folders', async () => {
    const shell = (await get('/jira/settings/apps')).headers.get('location') ?? '';
    const frame = `/_local/frames${shell.slice('/jira/settings/apps'.length).split('/').slice(0, 3).join('/')}/admin/`;
    for (const path of [
      '../../../package.json',
      '..%2f..%2f..%2fpackage.json',
      '%2e%2e/%2e%2e/package.json',
      '/etc/passwd',
    ]) {
      assert.equal(await rawStatus(frame + path), 404, path);
    }
    assert.equal((await get('/_local/assets/..%2flocal-host.ts')).status, 404);
  });
});

/** Without the tidying up that `fetch` does to paths. */
function rawStatus(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(host.url, { path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

test('Jira answers as the app, or as the user that a header names', async () => {
  const permission = async (headers: Record<string, string>) => {
    const answer = await get('/jira/rest/api/3/mypermissions?permissions=ADMINISTER', headers);
    return (await answer.json()).permissions.ADMINISTER.havePermission;
  };
  assert.equal(await permission({}), false);
  assert.equal(await permission({ 'x-local-account': 'admin' }), true);
  assert.equal(await permission({ 'x-local-account': 'agent' }), false);
  assert.equal(await permission({ 'x-local-account': 'ghost' }), false);
});
