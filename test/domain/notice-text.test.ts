import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Incident } from '../../src/domain/incident';
import { alertLimits } from '../../src/domain/limits';
import { type Notice, testNotice } from '../../src/domain/notice';
import { noticeText, noticeTitle } from '../../src/domain/notice-text';

const now = Date.UTC(2026, 10, 20, 10, 5);
const incident = (number: number): Incident => ({
  topic: `connection:${number}`,
  rank: 1,
  kind: 'failing',
  subject: `Box ${number}`,
  since: now,
  title: `“Box ${number}” cannot be polled`,
  text: 'The server does not answer. Check its address.',
});
const notice = (began: number, ended: number): Notice => ({
  rule: 'Ops',
  at: now,
  isTest: false,
  appUrl: null,
  began: Array.from({ length: began }, (_, number) => incident(number)),
  ended: Array.from({ length: ended }, (_, number) => ({ ...incident(number), toldAt: now, calmSince: now })),
  replaced: [],
});

test('the title of one incident is what happened, of several how many', () => {
  assert.equal(noticeTitle(notice(1, 0)), 'Letterbox: “Box 0” cannot be polled');
  assert.equal(noticeTitle(notice(0, 1)), 'Letterbox: “Box 0” no longer fails');
  assert.equal(noticeTitle(notice(3, 0)), 'Letterbox: 3 new problems');
  assert.equal(noticeTitle(notice(1, 2)), 'Letterbox: 1 new problem, 2 over');
});

test('says what happened, why, what to do and since when, and which rule says so', () => {
  assert.equal(
    noticeText(notice(1, 1)),
    [
      '“Box 0” cannot be polled\nSince 2026-11-20 10:05 UTC. The server does not answer. Check its address.',
      'Over: “Box 0” no longer fails\nIt lasted from 2026-11-20 10:05 UTC to 2026-11-20 10:05 UTC.',
      'Sent by the alert rule “Ops” of Letterbox.',
    ].join('\n\n'),
  );
  assert.match(noticeText(testNotice('Ops', now)), /Nothing is wrong/);
});

test('leads to the page of each incident, also when it is over, and to all that is wrong', () => {
  const appUrl = 'https://site.test/jira/settings/apps/a/e';
  const links = noticeText({ ...notice(1, 1), appUrl }).match(/https:.*/g);
  const page = `${appUrl}/incoming/connections/0`;
  assert.deepEqual(links, [page, page, `${appUrl}/settings/alerts`]);
  assert.doesNotMatch(noticeText(notice(1, 1)), /https:/);
});

test('spells out only so many, and counts the others', () => {
  const text = noticeText(notice(alertLimits.spelledOut + 5, alertLimits.spelledOut + 1));
  assert.match(text, /And 5 more problems, 1 more over/);
  assert.ok(!text.includes(`Box ${alertLimits.spelledOut + 1}”`));
});
