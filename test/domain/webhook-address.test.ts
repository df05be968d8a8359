import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needsConsent, type WebhookKind, webhookUrl } from '../../src/domain/webhook-address';

const takes = (kind: WebhookKind, url: string) => webhookUrl(kind).safeParse(url).success;

test('takes HTTPS addresses of public names', () => {
  for (const url of [
    'https://alerts.example.com/x?token=1',
    'https://alerts.example.com:8443/x',
    ' https://ALERTS.example.com ',
    'https://münchen.example/x',
  ]) {
    assert.ok(takes('webhook', url), url);
  }
});

test('refuses what is not HTTPS, holds a password, or names a machine inside', () => {
  for (const url of [
    '',
    'alerts.example.com',
    'http://alerts.example.com/',
    'ftp://alerts.example.com/',
    'javascript:alert(1)',
    'https://me@alerts.example.com/',
    'https://me:secret@alerts.example.com/',
    'https://localhost/',
    'https://intranet/',
    'https://jira.corp/',
    'https://db.internal/',
    'https://printer.local/',
    'https://router.home.arpa/',
    'https://a.localhost/',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f.0.0.1/',
    'https://10.0.0.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://alerts.example.com./',
    'https://alerts.example.com:22/',
    'https://alerts.example.com:25/',
    `https://alerts.example.com/${'x'.repeat(2_000)}`,
  ]) {
    assert.ok(!takes('webhook', url), url);
  }
});

test('Slack and Teams have hosts of their own, and look-alikes are refused', () => {
  assert.ok(takes('slack', 'https://hooks.slack.com/services/T/B/x'));
  assert.ok(takes('slack', 'https://hooks.slack-gov.com/services/T/B/x'));
  for (const host of ['hooks.slack.com.example.com', 'hooks-slack.com', 'evil-hooks.slack.com', 'slack.com']) {
    assert.ok(!takes('slack', `https://${host}/services/T/B/x`), host);
  }
  assert.ok(takes('teams', 'https://default1.23.environment.api.powerplatform.com/x?sig=y'));
  assert.ok(takes('teams', 'https://prod-23.westeurope.logic.azure.com/x?sig=y'));
  for (const host of ['logic.azure.com.example.com', 'evillogic.azure.com', 'contoso.webhook.office.com']) {
    assert.ok(!takes('teams', `https://${host}/x`), host);
  }
});

test('only what the manifest lists is reached without an administrator’s consent', () => {
  for (const host of ['hooks.slack.com', 'a.b.api.powerplatform.com', 'p.logic.azure.com', 'api.eu.opsgenie.com']) {
    assert.ok(!needsConsent(host), host);
  }
  for (const host of ['hooks.slack-gov.com', 'api.powerplatform.com.example.com', 'alerts.example.com']) {
    assert.ok(needsConsent(host), host);
  }
});
