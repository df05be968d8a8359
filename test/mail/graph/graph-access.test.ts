import assert from 'node:assert/strict';
import { test } from 'node:test';
import { graphHosts } from '../../../src/mail/graph/graph-api';
import { graphMailbox } from '../../../src/mail/graph/graph-mailbox';
import { drain, mail } from '../drain';
import { address, setUpGraph } from './graph-set-up';

const shared = 'support@contoso.example';
const denied = (words: RegExp) => ({ code: 'mailbox-access-denied', kind: 'access', step: 'sign-in', message: words });

test('a shared mailbox without the .Shared permission names the permission, not the inbox', async (context) => {
  const { microsoft, open } = await setUpGraph(context);
  microsoft.addMailbox(shared);
  microsoft.grantFullAccess(shared, address);
  const mailbox = open({ mailbox: shared });
  await assert.rejects(mailbox.list(null, 50), denied(/Mail\.ReadWrite\.Shared/));
  const report = await mailbox.check();
  assert.deepEqual(
    report.steps.map(({ step, ok }) => [step, ok]),
    [
      ['connect', true],
      ['sign-in', false],
    ],
  );
  assert.match(report.steps[1]?.message ?? '', /Mail\.ReadWrite\.Shared/);
});

test('a shared mailbox without Full Access names that, though Exchange says "Inbox not found"', async (context) => {
  const { microsoft, open } = await setUpGraph(context, {
    access: { mailbox: address, scopes: ['Mail.ReadWrite', 'Mail.ReadWrite.Shared'] },
  });
  microsoft.addMailbox(shared);
  const mailbox = open({ mailbox: shared });
  await assert.rejects(mailbox.list(null, 50), denied(/Full Access/));
  await assert.rejects(mailbox.folders(), denied(/Full Access/));
  await assert.rejects(open({ mailbox: shared, folder: 'Support' }).list(null, 50), denied(/Full Access/));
});

test('a shared mailbox with both is read, marked and moved like one of its own', async (context) => {
  const { microsoft, open } = await setUpGraph(context, {
    access: { mailbox: address, scopes: ['Mail.ReadWrite', 'Mail.ReadWrite.Shared'] },
  });
  microsoft.grantFullAccess(shared, address);
  const id = microsoft.deliver(mail('for support'), { mailbox: shared });
  const mailbox = open({ mailbox: shared });
  assert.deepEqual(
    (await drain(mailbox, null)).arrivals.map(({ handle }) => handle),
    [id],
  );
  assert.deepEqual(await mailbox.settle([id], 'move', 'Archive'), [{ handle: id, outcome: 'settled' }]);
  assert.equal(microsoft.messages(shared)[0]?.folder, 'Archive');
  assert.equal((await mailbox.check()).ok, true);
});

test('access that is taken away while polling is told as such, not as a lost position', async (context) => {
  const scopes = ['Mail.ReadWrite', 'Mail.ReadWrite.Shared'];
  const { microsoft, open } = await setUpGraph(context, { access: { mailbox: address, scopes } });
  microsoft.grantFullAccess(shared, address);
  microsoft.deliver(mail('one'), { mailbox: shared });
  const { position } = await drain(open({ mailbox: shared }), null);
  scopes.pop();
  await assert.rejects(open({ mailbox: shared }).list(position, 50), denied(/Mail\.ReadWrite\.Shared/));
});

test('application access opens any mailbox by its address, but for those that a policy closes', async (context) => {
  const { microsoft, open } = await setUpGraph(context, {
    access: { mailbox: 'app', scopes: ['Mail.ReadWrite'], application: true },
  });
  microsoft.deliver(mail('one'), { mailbox: shared });
  const mailbox = open({ mailbox: shared, application: true });
  assert.equal((await drain(mailbox, null)).arrivals.length, 1);
  microsoft.closeToApps(shared);
  await assert.rejects(
    open({ mailbox: shared, application: true }).list(null, 50),
    denied(/application access policy/),
  );
});

test('application access without the role names the application permission', async (context) => {
  const { microsoft, open } = await setUpGraph(context, {
    access: { mailbox: 'app', scopes: ['User.Read.All'], application: true },
  });
  microsoft.addMailbox(shared);
  await assert.rejects(
    open({ mailbox: shared, application: true }).list(null, 50),
    denied(/application permission Mail\.ReadWrite/),
  );
});

test('a person who granted too little is told to authorize again', async (context) => {
  const { open } = await setUpGraph(context, { access: { mailbox: address, scopes: ['User.Read'] } });
  await assert.rejects(open().list(null, 50), denied(/Authorize the connection again/));
});

test('permission to read only reads, and says what is missing when mail is to be marked', async (context) => {
  const { deliver, mailbox } = await setUpGraph(context, { access: { mailbox: address, scopes: ['Mail.Read'] } });
  const id = deliver(mail('one'));
  assert.equal((await drain(mailbox, null)).arrivals.length, 1);
  const [settled] = await mailbox.settle([id], 'mark-read', '');
  assert.equal(settled?.outcome, 'refused');
  assert.match(settled?.outcome === 'refused' ? settled.message : '', /Mail\.ReadWrite/);
});

test('an address that nobody has, and an account without a mailbox, are told apart from a missing permission', async (context) => {
  const app = await setUpGraph(context, { access: { mailbox: 'app', scopes: ['Mail.ReadWrite'], application: true } });
  await assert.rejects(app.open({ mailbox: 'nobody@contoso.example', application: true }).list(null, 50), {
    code: 'no-mailbox',
    message: /not known/,
  });
  const person = await setUpGraph(context, {
    access: { mailbox: 'unlicensed@contoso.example', scopes: ['Mail.ReadWrite'] },
  });
  await assert.rejects(person.open().list(null, 50), { code: 'no-mailbox', message: /no licence/ });
});

for (const host of Object.values(graphHosts)) {
  test(`${host} is the only host called for its cloud`, async () => {
    const called: string[] = [];
    const mailbox = graphMailbox(
      { folder: '', mailbox: 'me', application: false, host, timeoutMs: 1_000 },
      {
        fetch: async (input) => {
          called.push(new URL(input instanceof Request ? input.url : input).origin);
          throw new TypeError('no network here');
        },
        now: Date.now,
        getAccessToken: async () => 'token',
      },
    );
    await assert.rejects(mailbox.list(null, 50), { code: 'unreachable', kind: 'transient' });
    assert.deepEqual(called, [`https://${host}`]);
  });
}

test('a link to another host is not followed, so that the token does not leave', async (context) => {
  const { deliver, microsoft, mailbox, requests } = await setUpGraph(context);
  deliver(mail('one'));
  const { position } = await drain(mailbox, null);
  for (const link of [
    'https://graph.microsoft.com.evil.example/v1.0/me/messages',
    'http://graph.microsoft.com/v1.0/me/messages',
    'https://graph.microsoft.com/beta/me/messages',
    '/v1.0/me/messages',
  ]) {
    const body = { value: [], '@odata.nextLink': link };
    microsoft.faults.add({ match: /delta/, kind: 'status', status: 200, body });
    requests();
    await assert.rejects(mailbox.list(position, 50), { code: 'bad-answer', message: /another host/ }, link);
    assert.equal(requests().length, 1);
  }
});

test('folders have the names of the mailbox, in its language; the inbox is INBOX in all of them', async (context) => {
  const { deliver, microsoft, open } = await setUpGraph(context, {
    names: { inbox: 'Posteingang', deleteditems: 'Gelöschte Elemente' },
  });
  microsoft.addFolder(address, 'Posteingang/Kunden');
  deliver(mail('one'), { folder: 'Posteingang/Kunden' });
  const paths = (await open().folders()).map(({ path }) => path);
  assert.equal(paths[0], 'INBOX');
  assert.ok(paths.includes('INBOX/Kunden') && paths.includes('Gelöschte Elemente'));
  for (const folder of ['INBOX/Kunden', 'Inbox/Kunden', 'Posteingang/Kunden']) {
    assert.equal((await drain(open({ folder }), null)).arrivals.length, 1, folder);
  }
  await assert.rejects(open({ folder: 'Kunden' }).list(null, 50), { code: 'folder-not-found' });
});

test('a folder far down a long list of folders is found', async (context) => {
  const { deliver, microsoft, open } = await setUpGraph(context);
  for (let n = 0; n < 600; n += 1) microsoft.addFolder(address, `Customers/Customer ${n}`);
  deliver(mail('one'), { folder: 'Customers/Customer 599' });
  assert.equal((await drain(open({ folder: 'Customers/Customer 599' }), null)).arrivals.length, 1);
  assert.ok((await open().folders()).some(({ path }) => path === 'Customers/Customer 599'));
});

test('calls of a batch that went too fast are made once more; a long wait is passed on', async (context) => {
  const { deliver, microsoft, mailbox } = await setUpGraph(context);
  const ids = ['a', 'b', 'c'].map((subject) => deliver(mail(subject)));
  microsoft.faults.add({ match: /^PATCH /, kind: 'status', status: 429, retryAfter: '0', skip: 1 });
  assert.ok((await mailbox.settle(ids, 'mark-read', '')).every(({ outcome }) => outcome === 'settled'));
  assert.ok(microsoft.messages(address).every(({ isRead }) => isRead));
  microsoft.faults.add({ match: /^DELETE /, kind: 'status', status: 429, retryAfter: '600', skip: 1 });
  await assert.rejects(mailbox.settle(ids, 'delete', ''), {
    code: 'throttled',
    kind: 'transient',
    retryAfterMs: 600_000,
  });
});

test('a token that runs out inside a batch is renewed once, and the batch is sent again', async (context) => {
  const { deliver, microsoft, mailbox, refreshes } = await setUpGraph(context);
  const ids = ['a', 'b', 'c'].map((subject) => deliver(mail(subject)));
  await drain(mailbox, null);
  microsoft.faults.add({ match: /^PATCH /, kind: 'status', status: 401, times: 2, skip: 1 });
  const settled = await mailbox.settle(ids, 'mark-read', '');
  assert.ok(settled.every(({ outcome }) => outcome === 'settled'));
  assert.equal(refreshes.length, 1);
});
