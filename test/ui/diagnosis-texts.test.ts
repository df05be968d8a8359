import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutFinding } from '../../static/admin/diagnosis/texts';

const message = 'Jira’s hourly quota for apps is used up.';

test('what Letterbox refuses to look at is no trouble with the network', () => {
  const { state, value, reason, step } = withoutFinding({ code: 'jira-quota', message });
  assert.deepEqual([state, value, reason], ['failed', 'It could not be looked at', message]);
  assert.match(step ?? '', /when that is over/);
  assert.doesNotMatch(step ?? '', /network/);
});

test('no answer, or none in time, may be', () => {
  for (const [code, value] of [
    ['no-answer', 'No answer'],
    ['late', 'No result within 30 seconds'],
  ] as const) {
    const finding = withoutFinding({ code, message });
    assert.equal(finding.value, value);
    assert.match(finding.step ?? '', /network/);
  }
});
