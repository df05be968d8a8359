import assert from 'node:assert/strict';
import { test } from 'node:test';
import { correctedCode } from '../../src/domain/cursor';
import type { ConnectionView, WaitingView } from '../../src/resolvers/views';
import { type FakeApp, fakeApp } from './support/fake-app';
import { pages } from './support/pages';
import { until } from './support/steps';

const openPage = pages();
const path = '/incoming/connections/c1';
const minuteMs = 60_000;

const waiting = (handle: string, change: Partial<WaitingView> = {}): WaitingView => ({
  connectionId: 'c1',
  handle,
  reason: 'failed',
  isHeldBack: true,
  mayTryNow: true,
  code: 'jira-refused',
  message: 'Jira did not accept the content of this mail.',
  from: 'Ann <ann@example.com>',
  subject: `Question ${handle}`,
  size: 2_000,
  attempts: 1,
  since: Date.now() - 3 * minuteMs,
  retryAt: Date.now() + 10.5 * minuteMs,
  ...change,
});

function withWaiting(): FakeApp {
  const app = fakeApp();
  const enabled = { state: 'enabled', polledAt: Date.now(), canContinue: true } as const;
  app.add({ name: 'Support' }, { ...enabled, status: 'waiting', waiting: 4, heldBack: 3 });
  const claimed = { reason: 'claimed', mayTryNow: false, message: 'Jira answered 503.', subject: 'Invoice' } as const;
  app.waiting = [waiting('1'), waiting('2', { subject: null, from: null }), waiting('3', claimed)];
  app.waiting.push(waiting('4', { isHeldBack: false, mayTryNow: false, reason: 'budget' }));
  app.previews = [{ handle: '2', receivedAt: null, from: 'Bob <bob@example.com>', subject: 'Read from the mailbox' }];
  app.pollOutcome = () => ({ status: 'polling', waiting: 0, heldBack: 0 });
  return app;
}

test('mail that is held back is counted in an amber status, listed with why and until when, and tried when asked', async (t) => {
  const app = withWaiting();
  const { page, flags } = await openPage(t, app, { path });
  await page.getByText('3 mails wait', { exact: true }).waitFor();
  await page.getByText('3 mails could not be taken yet. They stay in the mailbox', { exact: false }).waitFor();
  await page.getByText('1 mail is next', { exact: false }).waitFor();
  await page.getByText('Read from the mailbox').waitFor();
  const rows = page.getByRole('table', { name: 'Mail that waits' }).locator('tbody tr');
  assert.equal(await rows.count(), 3);
  const invoice = rows.filter({ hasText: 'Invoice' });
  assert.match(await invoice.innerText(), /Jira answered 503\.[\s\S]*another try could make a second one/);
  assert.equal(await invoice.getByRole('button').count(), 0);
  assert.match(await rows.first().innerText(), /in 10 minutes/);
  await page.getByRole('button', { name: 'Try now: Question 1' }).click();
  await until(() => {
    const asked = app.calls.find(({ name }) => name === 'connections.tryNow');
    assert.deepEqual(asked?.payload, { id: 'c1', handle: '1' });
  });
  await until(() => assert.ok(flags.some(({ title }) => title === 'The mail is tried now')));
  await until(() =>
    assert.match(flags.find(({ title }) => title === 'Support was polled')?.description ?? '', /^1 issue created/),
  );
});

test('all mail of a connection is tried at once, and Activity lists what waits anywhere', async (t) => {
  const app = withWaiting();
  const { page, flags } = await openPage(t, app, { path: '/incoming/activity' });
  await page.getByRole('heading', { name: 'Mail that waits' }).waitFor();
  await page.getByRole('cell', { name: 'Support', exact: true }).first().waitFor();
  const other = await openPage(t, app, { path });
  await other.page.getByRole('button', { name: 'Try all now' }).click();
  await until(() => assert.ok(other.flags.some(({ title }) => title === '2 mails are tried now')));
  assert.deepEqual(flags, []);
});

const refused: NonNullable<ConnectionView['trouble']> = {
  code: 'sign-in-failed',
  message: 'The mail server refused user name and password. Check both.',
  detail: 'AUTHENTICATIONFAILED',
  step: 'sign-in',
  since: Date.now() - minuteMs,
  failures: 1,
  notBefore: Date.now() + 4.5 * minuteMs,
  kind: 'access',
  refused: { since: Date.now() - minuteMs, tries: 1, reached: false },
};

test('access that was refused once is tried again, says when, and what happens at the third time', async (t) => {
  const app = fakeApp();
  const failing = { state: 'enabled', status: 'failing', trouble: refused, nextPollAt: refused.notBefore } as const;
  app.add({ name: 'Support' }, failing);
  const { page } = await openPage(t, app, { path });
  await page.getByRole('heading', { name: 'Access was refused' }).waitFor();
  await page
    .getByText('suspends the connection at the third refusal over at least ten minutes', { exact: false })
    .waitFor();
  await page.getByText(/^in 4 minutes \(/).waitFor();
});

test('a connection that a change disabled says why for as long as it is so', async (t) => {
  const app = fakeApp();
  const { kind: _, refused: __, ...trouble } = refused;
  app.add({ name: 'Support' }, { trouble: { ...trouble, stopped: true }, canContinue: true });
  const { page } = await openPage(t, app, { path });
  await page.getByRole('heading', { name: 'A change of the settings disabled the connection' }).waitFor();
  await page.getByText('The settings were saved, but the test of them failed.', { exact: false }).waitFor();
  await page.getByText(trouble.message, { exact: true }).waitFor();
});

test('a connection that a change disabled, and another one put right, only waits to be enabled', async (t) => {
  const app = fakeApp();
  const { kind: _, refused: __, ...trouble } = refused;
  const corrected = { ...trouble, code: correctedCode, message: 'It works. Enable it.', step: null, stopped: true };
  app.add({ name: 'Support' }, { trouble: corrected, canContinue: true });
  const { page } = await openPage(t, app, { path });
  await page.getByRole('heading', { name: 'A change of the settings disabled the connection' }).waitFor();
  await page.getByText('It works. Enable it.', { exact: true }).waitFor();
  assert.equal(await page.getByText('the test of them failed', { exact: false }).count(), 0);
});
