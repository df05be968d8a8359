import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import type { SettingsOf } from '../../src/domain/connection';
import { newLedger, openRow } from '../../src/gateway/ledger';
import { gatewayMailbox } from '../../src/mail/gateway-client';
import { mailboxSettingsOf } from '../../src/mail/wire';
import { fetchAll, isError } from '../contract/fetched';
import { type Pop3Server, startPop3Server } from '../mail/pop3/pop3-server';
import { startGateway, type TestGateway } from '../support/gateway';
import { inbox, scriptedImap, scriptedSettings } from '../support/scripted-imap';

/** What one installation makes a shared gateway hold is counted, and bounded by a setting: here 16 MB. */

const MiB = 1024 * 1024;
const budget = 16 * MiB;
const mailBytes = 6 * MiB;
const short = isError('gateway-memory', 'transient');
let gateway: TestGateway;
let pop3: Pop3Server;
before(async () => {
  gateway = await startGateway({ allowPlaintext: true, memoryMb: 64, memoryMbPerInstallation: 16 });
  const raw = `Subject: large\r\n\r\n${`${'x'.repeat(1022)}\r\n`.repeat(mailBytes / 1024)}`;
  pop3 = await startPop3Server({ mails: [{ id: 'large', raw }] });
});
after(async () => {
  await pop3?.stop();
  await gateway?.stop();
});

async function heldBytes(): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  return Number(/^letterbox_gateway_held_bytes (\d+)$/m.exec(text)?.[1]);
}

/** The most that is held while `work` is done. */
async function mostHeld<T>(work: Promise<T>): Promise<{ most: number; result: T }> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  let most = 0;
  while (!isDone) {
    most = Math.max(most, await heldBytes());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return { most, result: await done };
}

const pop3Settings = (port: number, username: string): SettingsOf<'pop3'> => {
  const { folder: _folder, ...settings } = scriptedSettings(port, { username, timeoutMs: 20_000, largestMailMb: 50 });
  return { ...settings, provider: 'pop3' } as SettingsOf<'pop3'>;
};
const pop3Box = (username: string, installation = 'one', port = pop3.port) =>
  gatewayMailbox(gateway.invoke(installation), pop3Settings(port, username), { password: 'secret' });

/** The first part of the mail, as the gateway gives it at once. */
async function firstPart(username: string, maxBytes: number, port = pop3.port, installation = 'one') {
  const { arrivals } = await pop3Box(username, installation, port).list(null, 1);
  const request = {
    settings: mailboxSettingsOf(pop3Settings(port, username)),
    credentials: { password: 'secret' },
    ...{ handles: [arrivals[0]?.handle], offset: 0, maxBytes },
  };
  return (await gateway.invoke(installation)('/v1/mailbox/fetch', JSON.stringify(request))).bytes;
}

test('a mail without end is given up at the budget, whatever size the request allows', async () => {
  let sent = 0;
  const endless = await startPop3Server({
    mails: [{ id: 'a', raw: 'Subject: x\r\n\r\nx\r\n' }],
    script(command, { socket }) {
      if (!command.startsWith('RETR')) return undefined;
      socket.write('+OK\r\n');
      const pump = () => {
        while (!socket.destroyed && sent < 200 * MiB) {
          sent += 64 * 1024;
          if (!socket.write(Buffer.alloc(64 * 1024, 'x'))) return void socket.once('drain', pump);
        }
      };
      pump();
      return null;
    },
  });
  const { most, result } = await mostHeld(firstPart('endless', 1e12, endless.port));
  assert.match(Buffer.from(result).toString('latin1'), /"code":"gateway-memory"/);
  assert.ok(most <= budget, `${most} bytes were held`);
  assert.ok(sent < 3 * budget, `${sent} bytes were read`);
  await endless.stop();
});

test('the rest of a large mail makes room for other mail, and is read again when it is asked for', async () => {
  const users = ['a', 'b', 'c', 'd', 'e'];
  const { most } = await mostHeld(
    (async () => {
      for (const user of users) assert.ok((await firstPart(user, 20 * MiB)).length > 3 * MiB);
    })(),
  );
  assert.ok(most <= budget, `${most} bytes were held`);
  const mailbox = pop3Box('a');
  const { arrivals } = await mailbox.list(null, 1);
  for await (const mail of mailbox.fetch([arrivals[0]?.handle ?? ''], 20 * MiB))
    assert.ok(mail.outcome === 'raw' && mail.raw.length > mailBytes);
});

test('what is held of a session goes with it', async () => {
  await firstPart('leaves', 20 * MiB);
  assert.ok((await heldBytes()) > 5 * MiB);
  // A listing begins a new session.
  await pop3Box('leaves').list(null, 1);
  // What the last test left.
  for (const user of ['a', 'b', 'c', 'd', 'e']) await pop3Box(user).list(null, 1);
  assert.equal(await heldBytes(), 0);
});

test('literals on their way count too, and only their own installation has to wait', async () => {
  const size = 7 * MiB;
  const server = await scriptedImap({
    on: {
      select: (tag) => `${inbox(1, 2)}${tag} OK [READ-WRITE] open`,
      'uid fetch': (tag, args, socket) => {
        if (!args.includes('BODY')) return `* 1 FETCH (UID 1 RFC822.SIZE 100)\r\n${tag} OK`;
        socket.write(`* 1 FETCH (UID 1 BODY[] {${size}}\r\n`);
        socket.write(Buffer.alloc(size - 1, 'x'));
        return undefined;
      },
    },
  });
  const mailbox = (installation: string, username: string) =>
    gatewayMailbox(
      gateway.invoke(installation),
      scriptedSettings(server.port, { username, timeoutMs: 2_000, largestMailMb: 10 }),
      { password: 'secret' },
    );
  const codes = (installation: string) =>
    Promise.all(
      ['a', 'b', 'c', 'd'].map((user) =>
        fetchAll(mailbox(installation, user), ['7.1']).then(
          () => 'whole',
          (error) => String(Reflect.get(Object(error), 'code')),
        ),
      ),
    );
  const { most, result } = await mostHeld(codes('literals'));
  assert.ok(result.filter((code) => code === 'gateway-memory').length >= 2, result.join());
  // What was received is looked at now and then.
  assert.ok(most <= budget + 2 * size, `${most} bytes were held`);
  await server.stop();
  assert.equal(await heldBytes(), 0);
});

test('bodies of requests on their way count, and the others are turned away', async () => {
  const { hostname, port } = new URL(gateway.url);
  const token = await gateway.issuer.token({ installationId: 'sender' });
  const bytes = 4 * MiB;
  const sockets = Array.from({ length: 8 }, () => connect(Number(port), hostname).setEncoding('latin1'));
  const answers = sockets.map(() => '');
  // With a parameter, so that no other spelling of the type is counted as less.
  const head = `POST /v1/mailer/send HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/octet-stream; a=b\r\nContent-Length: ${bytes}\r\n\r\n`;
  for (const [index, socket] of sockets.entries()) {
    socket
      .on('error', () => {})
      .on('data', (text) => {
        answers[index] += String(text);
      });
    socket.write(head);
  }
  const refused = () => answers.filter((text) => text.startsWith('HTTP/1.1 429')).length;
  for (let tries = 0; tries < 200 && refused() < 4; tries += 1) await new Promise((resolve) => setTimeout(resolve, 25));
  assert.equal(refused(), 4);
  assert.equal(await heldBytes(), budget);
  for (const socket of sockets) socket.destroy();
  for (let tries = 0; tries < 200 && (await heldBytes()) > 0; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 25));
  assert.equal(await heldBytes(), 0);
});

test('nobody holds more than is left free, so that there is room for whoever comes next', () => {
  const ledger = newLedger(2);
  const limits = { bytes: 100 * MiB, bytesPerInstallation: 60 * MiB };
  const [one, other] = [openRow(ledger, 0, limits), openRow(ledger, 1, limits)];
  const takeAll = (memory: ReturnType<typeof one.memoryOf>) => {
    let taken = 0;
    try {
      for (; ; taken += 1) memory.take(MiB);
    } catch (error) {
      assert.ok(short(error));
    }
    return taken;
  };
  assert.deepEqual([takeAll(one.memoryOf(1)), takeAll(other.memoryOf(2)), takeAll(one.memoryOf(3))], [50, 25, 13]);
  assert.equal(takeAll(other.memoryOf(1)), 0, 'in another thread it has no second budget');
});
