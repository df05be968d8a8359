import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alertSettings } from '../../src/domain/alert';
import { connectionSettings } from '../../src/domain/connection';
import { credentialSettings } from '../../src/domain/credential';
import { comparableName, entityName } from '../../src/domain/entity';
import { outgoingSettings } from '../../src/domain/outgoing';

const isSame = (one: string, other: string) => comparableName(one) === comparableName(other);

test('names that look the same are the same', () => {
  const pairs: [string, string][] = [
    ['Caf\u00e9', 'Cafe\u0301'],
    ['Support', '  SUPPORT '],
    ['Support desk', 'Support  desk'],
    ['Support desk', 'Support\u00a0desk'],
    ['Support desk', 'Support \u200bdesk'],
    ['Support', 'Sup\u00adport'],
    ['Support', 'Sup\u200bport'],
    ['Support', 'Support\u200d'],
    ['Support', 'Support\ufe0f'],
    ['Support', '\u202eSupport'],
    ['Caf\u00e9', 'Cafe\u200b\u0301'],
    ['Support', '\uff33\uff35\uff30\uff30\uff2f\uff32\uff34'],
    ['Stra\u00dfe', 'STRASSE'],
    ['\u039f\u0394\u039f\u03a3', '\u03bf\u03b4\u03bf\u03c3'],
    ['\u03bf\u03b4\u03bf\u03c2', '\u03bf\u03b4\u03bf\u03c3'],
  ];
  for (const [one, other] of pairs)
    assert.ok(isSame(one, other), `${JSON.stringify(one)} and ${JSON.stringify(other)}`);
});

test('names that do not are not', () => {
  const pairs: [string, string][] = [
    ['Cafe', 'Caf\u00e9'],
    ['Support desk', 'Supportdesk'],
    ['Support 1', 'Support 2'],
    ['Support', '\u0405upport'],
    ['\ud83d\udce7', '\ud83d\udcea'],
  ];
  for (const [one, other] of pairs)
    assert.ok(!isSame(one, other), `${JSON.stringify(one)} and ${JSON.stringify(other)}`);
});

test('a name has a character that shows, whatever it names', () => {
  for (const name of ['', '  ', '\u200b', '\u00ad \u2060', '\u3164']) {
    for (const settings of [connectionSettings, outgoingSettings, credentialSettings, alertSettings]) {
      const { error } = settings.safeParse({ ...someOf(settings), name });
      assert.ok(
        error?.issues.some(({ path }) => path.join('.') === 'name'),
        JSON.stringify(name),
      );
    }
    assert.equal(entityName.safeParse(name).success, false);
  }
  assert.equal(entityName.parse(' Sup\u00adport '), 'Sup\u00adport');
});

/** What makes the union of each kind choose one of its members. */
function someOf(settings: unknown): object {
  if (settings === connectionSettings) return { provider: 'imap' };
  if (settings === outgoingSettings) return { provider: 'smtp' };
  if (settings === credentialSettings) return { provider: 'google' };
  return {};
}
