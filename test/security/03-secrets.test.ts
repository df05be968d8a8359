import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { after, before, test } from 'node:test';
import type { FunctionName, Payload } from '../../src/resolvers/contract';
import { signIn } from '../emulator/identity/sign-in';
import { type LocalHost, startLocalHost } from '../emulator/local/local-host';
import { demoApplications } from '../emulator/local/providers';
import { mailPassword } from '../emulator/mail-server/mail-server';

/**
 * Security list, point 3: no secret comes back out. Every flow of the product runs with every log switched on, well and badly;
 * then everything that anybody can see is searched for every secret that passed by.
 */

/** Secrets by what they are. */
const secrets = new Map<string, string>();
/** Everything that can be seen: logs of app and gateway, answers of resolvers, what is stored in clear, issues, mail. */
const seen: string[] = [];
let host: LocalHost;
const logLevel = process.env.LOG_LEVEL;

function note(name: string, value: unknown): void {
  if (!/^(client_secret|code|code_verifier|token|(access|refresh|id)_token)$/.test(name)) return;
  if (typeof value === 'string' && value.length >= 8) secrets.set(`${name} ${value}`, value);
}

/** Looks into what the emulated providers are sent, and what they answer. */
function watch(message: unknown): void {
  const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
  const bearer = /^Bearer (.{16,})$/.exec(request.headers.authorization ?? '')?.[1];
  note('access_token', bearer);
  const push = request.push.bind(request);
  request.push = (chunk: unknown, encoding) => {
    if (chunk instanceof Uint8Array) for (const [name, value] of new URLSearchParams(String(chunk))) note(name, value);
    return push(chunk, encoding);
  };
  const end = response.end.bind(response);
  response.end = ((body?: unknown, ...rest: never[]) => {
    const text = typeof body === 'string' || body instanceof Uint8Array ? String(body) : '';
    for (const [, name = '', value] of text.matchAll(/"(\w+)":\s*"([^"]+)"/g))
      if (name.endsWith('_token')) note(name, value);
    return end(body, ...rest);
  }) as typeof response.end;
}

before(async () => {
  process.env.LOG_LEVEL = 'debug';
  subscribe('http.server.request.start', watch);
  host = await startLocalHost({ directory: null, start: false, searchLagMs: 0, say: (line) => void seen.push(line) });
});
after(async () => {
  unsubscribe('http.server.request.start', watch);
  if (logLevel === undefined) delete process.env.LOG_LEVEL;
  else process.env.LOG_LEVEL = logLevel;
  await host?.close();
});

/** Calls a resolver, whatever comes of it; what it answers can be seen. */
async function call<K extends FunctionName>(functionKey: K, payload: Payload<K>): Promise<Record<string, unknown>> {
  const result = await host.forge.invoke({ module: 'letterbox-admin', functionKey, payload, accountId: 'admin' });
  seen.push(JSON.stringify(result));
  return (result.ok ? (result.value ?? {}) : {}) as Record<string, unknown>;
}

const secret = (what: string, value: string): string => {
  secrets.set(what, value);
  return value;
};
const target = { projectId: '10000', issueTypeId: '10001' };
const formsOf = (text: string) => [
  text,
  encodeURIComponent(text),
  Buffer.from(text).toString('base64').replace(/=+$/, ''),
];

/** What stands before each place where a secret is shown. */
function leaksIn(text: string): string[] {
  return [...secrets].flatMap(([what, value]) =>
    formsOf(value).flatMap((form) => {
      const place = text.indexOf(form);
      return place < 0 ? [] : [`${what}: ${text.slice(Math.max(0, place - 200), place)}`];
    }),
  );
}

async function everythingOf(id: string, version: unknown): Promise<void> {
  await call('connections.log', { id, version: Number(version), on: true });
  await call('connections.estimate', { id, start: { from: 'everything' } });
  await call('connections.enable', { id, version: Number(version), start: { from: 'everything' } });
  await host.forge.drain();
  await call('connections.poll', { id });
  await host.forge.drain();
  host.forge.setFaults([{ match: 'receipt', when: 'after', kind: 'error', times: 2 }]);
  await call('connections.poll', { id });
  await host.forge.drain();
  host.forge.setFaults([]);
  await call('connections.protocol', { id });
  await call('connections.get', { id });
}

async function passwordFlows(): Promise<void> {
  const raw = 'From: kim@example.com\r\nTo: support@letterbox.test\r\nSubject: Hello\r\n\r\nHello.\r\n';
  host.mail.deliver({ from: 'kim@example.com', recipients: ['support@letterbox.test'], raw: Buffer.from(raw) });
  const settings = {
    ...({ provider: 'imap', name: 'Support', host: 'localhost', port: host.mail.ports.imaps, target } as const),
    username: 'support@letterbox.test',
    privateCa: host.mail.ca,
  };
  // What the embedded server takes is a word that stands in many places, and so no canary.
  const good = mailPassword;
  const bad = secret('password', 'canary wrong pässword/+=');
  const { id, version } = await call('connections.create', { settings, password: good });
  await call('connections.test', { id: String(id), settings });
  await call('connections.test', { settings, password: bad });
  await call('connections.folders', { settings, password: bad });
  await everythingOf(String(id), version);
  const wrong = await call('connections.create', { settings: { ...settings, name: 'Wrong' }, password: bad });
  await everythingOf(String(wrong.id), wrong.version);
  await call('connections.update', { id: String(wrong.id), version: Number(wrong.version), settings, password: bad });
  await call('connections.duplicate', { id: String(id) });
  const smtp = {
    ...({ provider: 'smtp', name: 'Out', fromAddress: 'support@letterbox.test', host: 'localhost' } as const),
    port: host.mail.ports.smtps,
    username: 'support@letterbox.test',
    privateCa: host.mail.ca,
  };
  for (const [name, password] of [
    ['Out', good],
    ['Out wrongly', bad],
  ] as const) {
    const outgoing = await call('outgoing.create', { settings: { ...smtp, name }, password });
    await call('outgoing.debug', { id: String(outgoing.id), version: Number(outgoing.version), on: true });
    await call('outgoing.test', { settings: { ...smtp, name }, password });
    await call('outgoing.sendTest', { id: String(outgoing.id), to: 'ada@example.org' });
  }
  await call('connections.create', { settings: { ...settings, unknown: 1 } as never, password: bad });
}

async function oauthFlows(provider: 'google' | 'microsoft', address: string): Promise<void> {
  const application = demoApplications.find((one) => one.provider === provider);
  assert.ok(application !== undefined);
  const clientSecret = secret(`client secret of ${provider}`, application.clientSecret);
  const { clientId, tenant } = application;
  const credentialSettings =
    provider === 'google'
      ? ({ provider, name: provider, clientId } as const)
      : ({ provider, name: provider, clientId, tenant } as const);
  const credential = await call('credentials.create', { settings: credentialSettings, clientSecret });
  const use = provider === 'google' ? 'gmail' : 'graph';
  const begun = await call('authorizations.begin', {
    ...({ credentialId: String(credential.id), connectionId: null, use, shared: false, loginHint: '' } as const),
  });
  const back = await signIn(host.providers.identity, String(begun.url), { address });
  secrets.set('code', back.searchParams.get('code') ?? 'none');
  seen.push(await (await fetch(back)).text(), await (await fetch(back)).text());
  const authorizationId = String(begun.authorizationId);
  await call('authorizations.outcome', { authorizationId });
  host.providers.deliver(
    address,
    Buffer.from(`From: kim@example.com\r\nTo: ${address}\r\nSubject: Hello\r\n\r\nHello.\r\n`),
  );
  const settings = {
    provider: provider === 'google' ? ('google' as const) : ('microsoft-graph' as const),
    ...{ name: `By ${provider}`, credentialId: String(credential.id), username: address, target },
  };
  await call('connections.test', { settings, authorizationId });
  const { id, version } = await call('connections.create', { settings, authorizationId });
  await everythingOf(String(id), version);
  host.providers.identity.expireAccessTokens(address);
  await call('connections.poll', { id: String(id) });
  await host.forge.drain();
  for (const [status, body] of [
    [500, '{}'],
    [400, '{"error":"invalid_client"}'],
  ] as const) {
    host.providers.identity.expireAccessTokens(address);
    host.providers.identity.failTokenRequests({ provider, status, body, times: 1 });
    await call('connections.poll', { id: String(id) });
    await host.forge.drain();
  }
  await call('connections.protocol', { id: String(id) });
  const other = secret(`new client secret of ${provider}`, `canary-other-secret-${provider}`);
  await call('credentials.update', {
    ...{ id: String(credential.id), version: Number(credential.version) },
    settings: credentialSettings,
    clientSecret: other,
  });
}

async function alertFlows(): Promise<void> {
  const settings = { name: 'Team', incidents: ['suspended' as const] };
  const path = 'T00000000/B00000000/canaryCanaryCanaryCanary';
  for (const [type, entered] of [
    ['slack', { url: secret('address of Slack', `https://hooks.slack.com/services/${path}`) }],
    [
      'webhook',
      {
        url: secret('address', 'https://hooks.example.com/canary-path'),
        headerValue: secret('header', 'canary-header-value'),
      },
    ],
    ['opsgenie', { apiKey: secret('api key', 'canary00-0000-4000-8000-0000000canary') }],
  ] as const) {
    const channel = type === 'webhook' ? { type, headerName: 'X-Token' } : { type };
    const alert = { ...settings, name: type, channel };
    await call('alerts.sendTest', { settings: alert, secret: entered });
    const { id, version } = await call('alerts.create', { settings: alert, secret: entered });
    await call('alerts.enable', { id: String(id), version: Number(version) });
  }
  await host.forge.trigger('plan-polls');
  await host.forge.advance(6 * 60);
  await host.forge.drain();
  await call('alerts.list', {});
}

test('no password, token, code or client secret is in any log, answer, page, issue or plain storage', async () => {
  await passwordFlows();
  await oauthFlows('google', 'maria@gmail.example');
  await oauthFlows('microsoft', 'maria@contoso.example');
  await alertFlows();
  await call('connections.list', {});
  await call('outgoing.list', {});
  await call('credentials.list', {});
  await call('activity.list', {});
  seen.push(
    JSON.stringify(host.forge.storage('')),
    JSON.stringify(host.jira.state.all()),
    JSON.stringify(host.mail.sent()),
  );

  const everything = seen.join('\n');
  const kinds = [...secrets.keys()].map((what) => what.split(' ')[0]);
  for (const kind of [
    'password',
    'access_token',
    'client_secret',
    'code',
    'code_verifier',
    'refresh_token',
    'id_token',
  ]) {
    assert.ok(kinds.includes(kind), `no ${kind} passed by`);
  }
  // The flows were taken, and their logs are among what is searched.
  for (const trace of [
    /LOGIN/,
    /"poll-failed"/,
    /AUTH/,
    /gmail\/v1/,
    /hooks\.slack\.com/,
    /sign-in-failed|authorization-expired/,
  ]) {
    assert.ok(trace.test(everything), String(trace));
  }
  assert.deepEqual(leaksIn(everything), []);
});

test('a secret would be found in each of its forms', () => {
  for (const value of secrets.values()) {
    for (const form of formsOf(value)) assert.notDeepEqual(leaksIn(`... ${form} ...`), []);
  }
});
