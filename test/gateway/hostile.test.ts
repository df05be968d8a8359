import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { gatewayMailbox } from '../../src/mail/gateway-client';
import { fetchAll } from '../contract/fetched';
import { startGateway, type TestGateway } from '../support/gateway';
import { inbox, type ScriptedImap, scriptedImap, scriptedSettings } from '../support/scripted-imap';

/** Many hostile mail servers at once, in every way that we know: whoever has a decent one is served meanwhile. */

const attackers = 30;
const budgetMb = 32;
let gateway: TestGateway;
let decent: ScriptedImap;
let hostile: ChildProcess;
let ports: number[] = [];
before(async () => {
  gateway = await startGateway({
    ...{ allowPlaintext: true, threads: 2, threadSeconds: 5, requestSeconds: 60 },
    ...{ requests: 200, memoryMb: 2 * budgetMb, memoryMbPerInstallation: budgetMb },
  });
  const body = 'Subject: one\r\n\r\none\r\n';
  decent = await scriptedImap({
    on: {
      select: (tag) => `${inbox(1, 2)}${tag} OK [READ-WRITE] open`,
      'uid fetch': (tag, args) =>
        args.includes('BODY')
          ? `* 1 FETCH (UID 1 BODY[] {${body.length}}\r\n${body})\r\n${tag} OK done`
          : `* 1 FETCH (UID 1 RFC822.SIZE ${body.length})\r\n${tag} OK done`,
    },
  });
  // In a process of their own, so that what they take is their time.
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/support/hostile-servers.ts', '5']);
  hostile = child;
  ports = JSON.parse(String((await once(child.stdout, 'data'))[0]));
});
after(async () => {
  hostile?.kill('SIGKILL');
  await decent?.stop();
  await gateway?.stop();
});

const mailboxOf = (installation: string, port: number, username = 'alice') =>
  gatewayMailbox(
    gateway.invoke(installation),
    scriptedSettings(port, { username, timeoutMs: 20_000, largestMailMb: 50 }),
    { password: 'secret' },
  );
const metrics = async () => (await fetch(`${gateway.url}/metrics`)).text();
const gauge = (text: string, name: string) =>
  Number(new RegExp(`^letterbox_gateway_${name} (\\d+)$`, 'm').exec(text)?.[1]);
const handles = Array.from({ length: 60 }, (_, uid) => `7.${uid + 1}`);

test('thirty hostile servers of ten installations keep nobody else from being served, and hold no more than the setting', async () => {
  let most = 0;
  let isServed = false;
  /** Attacks again and again while somebody waits. */
  const attack = async (index: number) => {
    const mailbox = mailboxOf(`hostile-${index % 10}`, ports[index % ports.length] ?? 0, `user${index}`);
    for (let rounds = 0; rounds < 20 && !isServed; rounds += 1)
      await Promise.allSettled([mailbox.list('7:0', 50), fetchAll(mailbox, handles, 50_000_000)]);
  };
  const attacks = Promise.all(Array.from({ length: attackers }, (_, index) => attack(index)));
  const calm = mailboxOf('calm', decent.port);
  const watching = setInterval(async () => {
    most = Math.max(most, gauge(await metrics(), 'held_bytes'));
  }, 50);
  // A thread may be ended under it; then it is tried again, as the app does.
  for (let tries = 0; tries < 20 && !isServed; tries += 1)
    isServed = await fetchAll(calm, ['7.1']).then(
      (mails) => mails.length === 1,
      () => false,
    );
  assert.ok(isServed);
  hostile.kill('SIGKILL');
  await attacks;
  clearInterval(watching);
  assert.ok(most <= 2.5 * budgetMb * 1024 * 1024, `${most} bytes were held`);
  for (let tries = 0; tries < 200 && gauge(await metrics(), 'held_bytes') > 0; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 25));
  assert.equal(gauge(await metrics(), 'held_bytes'), 0, 'nothing is held for ever');
  assert.match(await metrics(), /sessions\{state="busy"\} 0/);
});
