import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { LogStream } from '../../src/gateway/logging';
import { decodeAnswer } from '../../src/mail/frames';
import { encodeMailerRequest } from '../../src/mail/mailer-wire';
import { mailboxSettingsOf } from '../../src/mail/wire';
import { startGateway, type TestGateway } from '../support/gateway';
import { inbox, scriptedImap, scriptedSettings } from '../support/scripted-imap';
import { scriptedSmtp } from '../support/scripted-smtp';

/** Jobs that go on while nobody waits: their client is gone, or has a ticket that it may never use. */

const path = (operation: string, query = '') => `/v1/mailbox/${operation}?wait=15${query}`;
const ticketOf = ({ bytes }: { bytes: Uint8Array }): string => JSON.parse(Buffer.from(bytes).toString()).ticket;

interface SlowOptions {
  log?: LogStream;
  /** Mail comes at once, but for the end of the answer. */
  isBegun?: boolean;
}

/** A gateway whose calls end at once, and a mail server that answers nothing that matters until it is let. */
async function slowServer(t: TestContext, config = {}, { log, isBegun = false }: SlowOptions = {}) {
  // What begins to come is longer than what the gateway collects before it sends.
  const mail = `Subject: held\r\n\r\n${'x'.repeat(isBegun ? 200_000 : 50_000)}\r\n`;
  const held: (() => void)[] = [];
  const hold = (go: () => void) => void held.push(go);
  const server = await scriptedImap({
    on: {
      select: (tag) => `${inbox(1, 2)}${tag} OK [READ-WRITE] open`,
      list: (tag, args, socket) => {
        if (!/[*%]/.test(args)) return `* LIST () "/" INBOX\r\n${tag} OK done`;
        hold(() => socket.write(`* LIST () "/" INBOX\r\n${tag} OK done\r\n`));
        return undefined;
      },
      'uid fetch': (tag, args, socket) => {
        if (!args.includes('BODY')) return `* 1 FETCH (UID 1 RFC822.SIZE ${mail.length})\r\n${tag} OK done`;
        const whole = `* 1 FETCH (UID 1 BODY[] {${mail.length}}\r\n${mail})\r\n`;
        if (isBegun) socket.write(whole);
        hold(() => socket.write(`${isBegun ? '' : whole}${tag} OK done\r\n`));
        return undefined;
      },
    },
  });
  const gateway = await startGateway({ allowPlaintext: true, answerSeconds: 0.05, ...config }, log);
  t.after(async () => {
    await server.stop();
    await gateway.stop();
  });
  const body = (more = {}) =>
    JSON.stringify({
      settings: mailboxSettingsOf(scriptedSettings(server.port, { username: 'a', timeoutMs: 30_000 })),
      credentials: { password: 'secret' },
      ...more,
    });
  const download = body({ handles: ['7.1'], offset: 0, maxBytes: 1_000_000 });
  return { gateway, held, body, download };
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo()); tries += 1) {
    assert.ok(tries < 1_000, 'it never came');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function metric({ url }: TestGateway, name: string): Promise<number> {
  const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n');
  return Number(
    lines
      .find((line) => line.startsWith(`letterbox_gateway_${name} `))
      ?.split(' ')
      .at(-1),
  );
}

/** Sends a request, and hangs up once `isTime`. */
async function hangUp(
  gateway: TestGateway,
  to: string,
  body: string,
  isTime: () => boolean | Promise<boolean>,
): Promise<void> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname).on('error', () => {});
  const head = `POST ${to} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer ${await gateway.issuer.token()}`;
  socket.write(`${head}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await until(isTime);
  socket.destroy();
}

test('whoever comes for a job that goes on needs no further place', async (t) => {
  const { gateway, held, body } = await slowServer(t, { requests: 8, requestsPerInstallation: 1 });
  const post = gateway.invoke('busy');
  let last = await post(path('folders'), body());
  for (let calls = 0; calls < 3; calls += 1) {
    assert.equal(last.status, 202);
    last = await post(path('folders', `&ticket=${ticketOf(last)}`), body());
  }
  await until(() => held.length > 0);
  for (const go of held) go();
  while (last.status === 202) last = await post(path('folders', `&ticket=${ticketOf(last)}`), body());
  assert.equal(last.status, 200);
});

test('an answer keeps its place until somebody comes for it, so that nobody can pile them up', async (t) => {
  const { gateway, held, body } = await slowServer(t, { requests: 8, requestsPerInstallation: 2 });
  const post = gateway.invoke('hoarder');
  const kept = [await post(path('folders'), body()), await post(path('folders'), body())];
  assert.deepEqual(
    kept.map(({ status }) => status),
    [202, 202],
  );
  await until(() => held.length === 2);
  for (const go of held) go();
  await until(async () => (await metric(gateway, 'sessions{state="busy"}')) === 0);
  assert.equal((await post(path('folders'), body())).status, 429);
  const [first] = kept;
  assert.ok(first);
  assert.equal((await post(path('folders', `&ticket=${ticketOf(first)}`), body())).status, 200);
  await until(async () => (await post(path('folders'), body())).status === 202);
});

test('a download whose client went away before it began leaves nothing held', async (t) => {
  // Not before the server is asked for the mail: a client that got a ticket may come for half a minute.
  const answerSeconds = 2;
  const { gateway, held, download } = await slowServer(t, { answerSeconds });
  await hangUp(gateway, path('fetch'), download, () => held.length > 0);
  // Longer than a call lasts.
  await new Promise((resolve) => setTimeout(resolve, answerSeconds * 1_100));
  for (const go of held) go();
  await until(async () => (await metric(gateway, 'mail_bytes_total')) > 0);
  await until(async () => (await metric(gateway, 'held_bytes')) === 0);
});

test('a client that goes away from an answer in JSON is no failure of the gateway', async (t) => {
  let said = '';
  const log = {
    write(line: string) {
      said += line;
    },
  };
  const { gateway, held, download } = await slowServer(
    t,
    { answerSeconds: 600, logLevel: 'info' },
    { log, isBegun: true },
  );
  const both = JSON.stringify({ ...JSON.parse(download), handles: ['7.1', '7.2'] });
  const hasBegun = async () => (await metric(gateway, 'mail_bytes_total')) > 0;
  await hangUp(gateway, path('fetch', '&form=json'), both, hasBegun);
  for (const go of held) go();
  await until(async () => (await metric(gateway, 'sessions{state="idle"}')) > 0);
  await until(async () => (await metric(gateway, 'sessions{state="busy"}')) === 0);
  assert.doesNotMatch(said, /"bug"|"status":500/);
});

test('a download that has come whole, and that nobody came for, breaks nothing when its thread ends', async (t) => {
  const { gateway, held, download } = await slowServer(t);
  assert.equal((await gateway.invoke()(path('fetch'), download)).status, 202);
  await until(() => held.length > 0);
  for (const go of held) go();
  await until(async () => (await metric(gateway, 'mail_bytes_total')) > 0);
  await until(async () => (await metric(gateway, 'sessions{state="busy"}')) === 0);
  await gateway.app.close();
});

test('a ticket is of no use for another question, and is not lost by it', async (t) => {
  const { gateway, held, body } = await slowServer(t);
  const post = gateway.invoke();
  let last = await post(path('folders'), body());
  assert.equal((await post(path('check', `&ticket=${ticketOf(last)}`), body())).status, 410);
  await until(() => held.length > 0);
  for (const go of held) go();
  do last = await post(path('folders', `&ticket=${ticketOf(last)}`), body());
  while (last.status === 202);
  assert.equal(last.status, 200);
});

test('whoever names a ticket but no time gets the rest as it is', async (t) => {
  const { gateway, held, download } = await slowServer(t);
  const post = gateway.invoke();
  const first = await post(path('fetch'), download);
  await until(() => held.length > 0);
  setTimeout(() => {
    for (const go of held) go();
  }, 50);
  const rest = await post(`/v1/mailbox/fetch?form=json&ticket=${ticketOf(first)}`, download);
  assert.equal(rest.status, 200);
  assert.match(Buffer.from(rest.bytes).toString('latin1', 0, 1), /[[{]/);
  assert.equal(decodeAnswer(rest.bytes).parts.length, 1);
});

const envelope = { from: 'a@example.com', to: ['b@example.com'] };
const mailer = (port: number) => ({
  settings: { encryption: 'none', host: '127.0.0.1', port, username: 'a', timeoutMs: 30_000, privateCa: '' },
  credentials: { password: 'secret' },
  debug: false,
  messageId: '<1@example.com>',
  envelope,
});

test('a gateway that ends waits for mail that is being sent, also when its client has a ticket', async () => {
  const seen: string[] = [];
  let finish: (() => void) | undefined;
  const smtp = await scriptedSmtp({
    on: {
      '.': (_line, socket) => {
        finish = () => {
          seen.push('answered');
          socket.write('250 2.0.0 queued\r\n');
        };
        return undefined;
      },
    },
  });
  const gateway = await startGateway({ allowPlaintext: true, answerSeconds: 0.05 });
  try {
    const raw = Buffer.from('Subject: slow\r\n\r\nx\r\n');
    const begun = await gateway.invoke()('/v1/mailer/send?wait=15', encodeMailerRequest(mailer(smtp.port), raw));
    assert.equal(begun.status, 202);
    await until(() => finish !== undefined);
    setTimeout(() => finish?.(), 300);
    await gateway.stop();
    seen.push('ended');
    assert.deepEqual(seen, ['answered', 'ended']);
  } finally {
    await smtp.stop();
  }
});

test('no mail is sent that has nothing in it: its ticket was lost on the way', async () => {
  const smtp = await scriptedSmtp({});
  const gateway = await startGateway({ allowPlaintext: true });
  try {
    const rest = encodeMailerRequest(mailer(smtp.port));
    assert.equal((await gateway.invoke()('/v1/mailer/send?wait=15', rest)).status, 400);
    assert.equal((await gateway.invoke()('/v1/mailer/send?wait=15&ticket=unknown', rest)).status, 410);
    assert.equal(smtp.connections(), 0);
  } finally {
    await smtp.stop();
    await gateway.stop();
  }
});
