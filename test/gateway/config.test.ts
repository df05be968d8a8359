import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeSettings, readConfig, unknownSettings } from '../../src/gateway/config';

const audience = 'ari:cloud:ecosystem::app/one';

test('only the audience is needed; everything else is safe as it is', () => {
  const config = readConfig({ GATEWAY_AUDIENCE: audience });
  assert.equal(config.audience, audience);
  assert.equal(config.allowPrivate, false);
  assert.equal(config.allowPlaintext, false);
  assert.deepEqual(config.ports, [25, 110, 143, 465, 587, 993, 995]);
  assert.equal(config.issuer, 'forge/invocation-token');
});

test('keeps a session for each of a thousand mailboxes', () => {
  const { sessions, sessionsPerInstallation, requests } = readConfig({ GATEWAY_AUDIENCE: audience });
  assert.ok(sessionsPerInstallation > 1_000 && sessions >= sessionsPerInstallation);
  // A thousand polls a minute are seventeen a second.
  assert.ok(requests > 100);
});

test('the environment changes each of them', () => {
  const config = readConfig({
    GATEWAY_AUDIENCE: audience,
    GATEWAY_ALLOW_PRIVATE: '1',
    GATEWAY_PORTS: '*',
    PORT: '0',
    GATEWAY_SESSIONS: '7',
  });
  assert.deepEqual([config.allowPrivate, config.ports, config.port, config.sessions], [true, null, 0, 7]);
});

test('every wrong variable is named at once', () => {
  const environment = {
    PORT: 'eighty',
    GATEWAY_ALLOW_PRIVATE: 'yes',
    GATEWAY_PORTS: '993;143',
    GATEWAY_SESSIONS: '-1',
    LOG_LEVEL: 'loud',
    GATEWAY_JWKS_URL: 'keys',
  };
  assert.throws(
    () => readConfig(environment),
    (error: Error) => {
      for (const name of ['GATEWAY_AUDIENCE is required', ...Object.keys(environment)])
        assert.match(error.message, new RegExp(name));
      return true;
    },
  );
});

test('the id of the app is asked for as the manifest has it', () => {
  for (const wrong of ['0f5a2b6c', 'ari:cloud:ecosystem::app/', 'ari:cloud:ecosystem::app/<your app id>'])
    assert.throws(() => readConfig({ GATEWAY_AUDIENCE: wrong }), /GATEWAY_AUDIENCE must be the id of your app/);
});

test('a variable that was mistyped is named', () => {
  const environment = { GATEWAY_AUDIENCE: audience, GATEWAY_ALLOW_PRIVAT: '1', PATH: '/bin' };
  assert.deepEqual(unknownSettings(environment), ['GATEWAY_ALLOW_PRIVAT']);
});

test('help names every variable', () => {
  for (const name of ['PORT', 'GATEWAY_AUDIENCE', 'GATEWAY_ALLOW_PLAINTEXT', 'LOG_LEVEL'])
    assert.match(describeSettings(), new RegExp(`^  ${name} `, 'm'));
});
