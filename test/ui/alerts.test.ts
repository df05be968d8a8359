import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { outgoingSettings } from '../../src/domain/outgoing';
import { outgoingStore } from '../../src/store/outgoing';
import { type LocalHost, startLocalHost } from '../emulator/local/local-host';
import { type AlertReceivers, alertReceivers, customUrl, headerSecret, slackUrl } from '../support/alert-receivers';
import { launchBrowser } from './support/browser-page';
import { openSite, type Site } from './support/site';
import { choose, names, pick, until } from './support/steps';

/** Alert rules in a browser, from the first one to its message, with the unmodified app. */

let browser: Browser;
let host: LocalHost;
let receivers: AlertReceivers;
before(async () => {
  receivers = await alertReceivers();
  [browser, host] = await Promise.all([
    launchBrowser(),
    startLocalHost({ start: false, build: true, hosts: receivers.hosts }),
  ]);
});
after(async () => {
  await browser?.close();
  await host?.close();
  await receivers?.close();
});

const open = (t: TestContext) => openSite(t, browser, host, 'settings/alerts');

async function invoke(functionKey: string, payload: unknown): Promise<unknown> {
  const result = await host.forge.invoke({ module: 'letterbox-admin', functionKey, payload, accountId: 'admin' });
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

async function forgetAll(): Promise<void> {
  const { alerts } = (await invoke('alerts.list', {})) as { alerts: { id: string; version: number }[] };
  for (const { id, version } of alerts) await invoke('alerts.delete', { id, version });
  await host.forge.customerEgress('deleteGroup', { key: 'alert-webhooks' }, 'admin');
  receivers.taken.length = 0;
  receivers.answer = null;
}

const domains = async () => {
  const { results } = (await host.forge.customerEgress('get', {}, 'admin')) as {
    results: { configured: { domain: string }[] }[];
  };
  return results.flatMap(({ configured }) => configured.map(({ domain }) => domain));
};

const openForm = ({ app }: Site) => app.getByRole('button', { name: 'Add alert rule' }).click();

test('a rule for Slack: from the empty list to a test that arrives, and to the list', async (t) => {
  await forgetAll();
  const site = await open(t);
  const { app, page } = site;
  await app.getByText('Nobody is told when something goes wrong').waitFor();
  await app.getByText('Nothing is wrong at the moment.').waitFor();
  await openForm(site);
  await app.getByRole('textbox', { name: 'Name', exact: true }).fill('Operations');
  await pick(app, 'Channel', 'Slack');
  await app.getByRole('heading', { name: 'Get a webhook from Slack' }).waitFor();

  const url = app.getByRole('textbox', { name: 'Webhook URL' });
  for (const [wrong, words] of [
    ['http://hooks.slack.com/services/x', 'Paste a whole URL'],
    ['https://hooks.slack.example.com/services/x', 'the webhook URL that Slack shows'],
    ['https://me:secret@hooks.slack.com/x', 'Remove the user name and password'],
  ] as const) {
    await url.fill(wrong);
    await app.getByText(words).waitFor();
  }
  await url.fill(slackUrl);
  await app.getByRole('button', { name: 'Send a test' }).click();
  await app.getByText('The test was taken').waitFor();
  await app.getByText('The other side answered: “ok”').waitFor();
  assert.equal(receivers.taken.length, 1);

  await app.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('Operations is saved and enabled').waitFor();
  await until(async () => assert.deepEqual(await names(app), ['Operations']));
  await app.getByText('Slack, hooks.slack.com').waitFor();
  assert.equal(await page.locator('dialog.question').count(), 0, 'no question for a host that the app lists');
});

test('a secret is never shown again, is kept by an edit, and can be tried from the list', async (t) => {
  await forgetAll();
  const settings = { name: 'Operations', incidents: ['suspended'], channel: { type: 'slack' } };
  await invoke('alerts.create', { settings, secret: { url: slackUrl } });
  const site = await open(t);
  const { app, page } = site;
  await app.getByRole('link', { name: 'Operations', exact: true }).click();
  const url = app.getByRole('textbox', { name: 'Webhook URL' });
  assert.equal(await url.inputValue(), '');
  await app.getByText('Leave it empty to keep the stored URL at hooks.slack.com.').waitFor();
  assert.equal(await app.getByRole('checkbox', { name: 'A connection keeps failing' }).isChecked(), false);
  await app.getByRole('checkbox', { name: 'A connection keeps failing' }).check();
  await app.getByRole('spinbutton', { name: 'After how many minutes' }).fill('30');
  await app.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('Operations is saved').waitFor();
  await app.getByText('Suspended, Failing').waitFor();
  await choose(app, 'Operations', 'Send a test');
  await page.getByRole('alert').getByText('The other side answered: “ok”').waitFor();
  assert.equal(receivers.taken.length, 1);

  receivers.answer = { status: 404, body: 'no_service' };
  await choose(app, 'Operations', 'Send a test');
  await page.getByRole('alert').getByText('Slack no longer knows this webhook').waitFor();
});

test('a webhook of one’s own asks for consent, says so when it is refused, and forgets the host with the rule', async (t) => {
  await forgetAll();
  const site = await open(t);
  const { app, page } = site;
  await openForm(site);
  await app.getByRole('textbox', { name: 'Name', exact: true }).fill('Own');
  await pick(app, 'Channel', 'Custom webhook');
  await app.getByRole('textbox', { name: 'Webhook URL' }).fill('https://localhost/x');
  await app.getByText('Use the public name of a host').waitFor();
  await app.getByRole('textbox', { name: 'Webhook URL' }).fill(customUrl);
  await app.getByText('Atlassian asks you whether Letterbox may send to alerts.example.com').waitFor();
  await app.getByRole('textbox', { name: 'Name of a secret header' }).fill('Authorization');
  await app.getByLabel('Value of the header').fill(headerSecret);

  await app.getByRole('button', { name: 'Send a test' }).click();
  const question = page.locator('dialog.question');
  await question.getByText('https://alerts.example.com').waitFor();
  await question.getByRole('button', { name: 'Cancel' }).click();
  await app.getByText('Letterbox may not send to alerts.example.com: that needs').waitFor();
  assert.equal(receivers.taken.length, 0);
  assert.deepEqual(await domains(), []);

  await app.getByRole('button', { name: 'Save' }).click();
  await question.getByRole('button', { name: 'Allow' }).click();
  await page.getByRole('alert').getByText('Own is saved').waitFor();
  assert.deepEqual(await domains(), ['https://alerts.example.com']);
  await choose(app, 'Own', 'Send a test');
  await page.getByRole('alert').getByText('thank you').waitFor();
  assert.equal(receivers.taken[0]?.headers.authorization, headerSecret);

  await choose(app, 'Own', 'Delete');
  await app.getByText('Delete Own?').waitFor();
  await app.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('alert').getByText('Own is deleted').waitFor();
  await until(async () => assert.deepEqual(await domains(), []));
});

test('a host that was allowed for a test only is not allowed once the form is left, or its page was closed', async (t) => {
  await forgetAll();
  const site = await open(t);
  const { app, page } = site;
  await openForm(site);
  await pick(app, 'Channel', 'Custom webhook');
  await app.getByRole('textbox', { name: 'Name', exact: true }).fill('Own');
  await app.getByRole('textbox', { name: 'Webhook URL' }).fill(customUrl);
  const trial = async () => {
    await app.getByRole('button', { name: 'Send a test' }).click();
    await page.locator('dialog.question').getByRole('button', { name: 'Allow' }).click();
    await app.getByText('thank you').waitFor();
    assert.deepEqual(await domains(), ['https://alerts.example.com']);
  };
  await trial();
  await app.getByRole('button', { name: 'Cancel' }).click();
  await app.getByRole('button', { name: 'Leave without saving' }).click();
  await until(async () => assert.deepEqual(await domains(), []));

  await openForm(site);
  await pick(app, 'Channel', 'Custom webhook');
  await app.getByRole('textbox', { name: 'Name', exact: true }).fill('Own');
  await app.getByRole('textbox', { name: 'Webhook URL' }).fill(customUrl);
  await trial();
  await page.close();
  assert.deepEqual(await domains(), ['https://alerts.example.com']);
  await open(t);
  await until(async () => assert.deepEqual(await domains(), []));
});

test('what is wrong now is shown with what to do, and a rule that cannot be delivered says why', async (t) => {
  await forgetAll();
  const settings = { name: 'Operations', incidents: ['outgoing-failing'], channel: { type: 'slack' } };
  await invoke('alerts.create', { settings, secret: { url: slackUrl } });
  const outgoing = (await invoke('outgoing.create', {
    settings: {
      provider: 'smtp',
      name: 'Sender',
      fromAddress: 'support@letterbox.test',
      host: 'localhost',
      port: host.mail.ports.smtps,
      username: 'support@letterbox.test',
      privateCa: host.mail.ca,
    },
    password: 'wrong password',
  })) as { id: string; version: number };
  const byMail = { type: 'email', outgoingId: outgoing.id, recipients: ['ops@example.com'] };
  await invoke('alerts.create', { settings: { ...settings, name: 'Mail', channel: byMail }, secret: {} });
  const site = await open(t);
  await site.app.getByText('Cannot send').hover();
  await site.app.getByRole('tooltip').getByText('“Sender” is disabled').waitFor();
  await invoke('outgoing.enable', { id: outgoing.id, version: outgoing.version });
  const payload = { id: outgoing.id, to: 'kim@customer.test' };
  await host.forge.invoke({ module: 'letterbox-admin', functionKey: 'outgoing.sendTest', payload, accountId: 'admin' });
  receivers.answer = { status: 403, body: 'action_prohibited' };
  await host.forge.trigger('plan-polls');

  const { app } = await open(t);
  await app.getByText('Wrong at the moment').waitFor();
  await app.getByRole('row', { name: 'Operations' }).getByText('Not delivered').hover();
  await app.getByRole('tooltip').getByText('An administrator of Slack does not let this webhook post').waitFor();
  await app.getByRole('link', { name: '“Sender” cannot send mail' }).click();
  await app.getByRole('heading', { name: 'Outgoing connections' }).waitFor();

  const list = await openSite(t, browser, host, 'outgoing/connections');
  await list.app.getByText('Cannot send').hover();
  await list.app.getByRole('tooltip').getByText('refused user name and password').waitFor();

  receivers.answer = null;
  await host.forge.advance(3_600);
  await host.forge.trigger('plan-polls');
  const [, link = ''] = /<(http[^|>]+)\|Open in Jira>/.exec(JSON.stringify(receivers.taken.at(-1)?.body)) ?? [];
  await list.page.goto(link);
  await list.app.getByRole('heading', { name: 'Outgoing connections' }).waitFor();
});

test('the list of outgoing connections warns of a sign-in that ends soon', async (t) => {
  await forgetAll();
  const draft = { provider: 'smtp', name: 'Limited', fromAddress: 'a@gmail.example', host: 'localhost', port: 465 };
  const { id } = (await invoke('outgoing.create', { settings: draft })) as { id: string };
  const account = { credentialId: 'k1', username: 'a@gmail.example', fromAddress: 'a@gmail.example' };
  const settings = outgoingSettings.parse({ provider: 'google', name: 'Limited', ...account });
  await host.forge.run(async () => {
    const saved = await outgoingStore().get(id);
    assert.ok(saved);
    await outgoingStore().save({ ...saved, settings, enabled: true, accessEndsAt: Date.now() + 3.5 * 86_400_000 });
  });
  const { app } = await openSite(t, browser, host, 'outgoing/connections');
  await app.getByText('Access ends soon').hover();
  await app.getByRole('tooltip').getByText('The access to a@gmail.example ends in 3 days').waitFor();
});

test('the form wants at least one kind of incident, a recipient and a connection, and asks before it is left', async (t) => {
  await forgetAll();
  const site = await open(t);
  const { app } = site;
  await openForm(site);
  await app.getByRole('checkbox').first().waitFor();
  for (const box of await app.getByRole('checkbox').all()) await box.uncheck();
  await app.getByText('Choose at least one.').waitFor();
  await app.getByRole('button', { name: 'Save' }).click();
  await app.getByText('Enter a name.').waitFor();
  await app.getByText('Choose an outgoing connection.').waitFor();
  await app.getByText('Enter at least one address.').waitFor();
  await app.getByRole('button', { name: 'Cancel' }).click();
  await app.getByText('Leave without saving?').waitFor();
});
