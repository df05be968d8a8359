import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { bundleGateway } from '../../src/gateway/build';
import { gatewayMailbox } from '../../src/mail/gateway-client';
import { readAppManifest } from '../emulator/local/app-manifest';
import { type Dovecot, startDovecot } from '../support/dovecot';
import { addressOf, callProgram, type GatewayProgram, localSettings, startProgram } from '../support/gateway-program';
import { startHaproxy } from '../support/haproxy';
import { startTokenIssuer } from '../support/invocation-tokens';
import { freePorts } from '../support/ports';
import { startProduct } from '../support/product';
import { scriptedImap, scriptedSettings } from '../support/scripted-imap';

/** Several gateways behind HAProxy, all as people run them: bundled, each in its process, with the recommended configuration. */

const folder = mkdtempSync(join(tmpdir(), 'letterbox-gateways-'));
const program = [join(folder, 'gateway.mjs')];
before(() => bundleGateway(folder));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Gateway {
  process: GatewayProgram;
  port: number;
  /** Sessions with mail servers that it opened. */
  opened(): Promise<number>;
}

async function startGateway(keys: { audience: string; jwksUrl: string }): Promise<Gateway> {
  const settings = { ...localSettings(keys), GATEWAY_THREADS: '1', GATEWAY_SHUTDOWN_DELAY_SECONDS: '4' };
  const process = startProgram(settings, { program });
  const url = await addressOf(process);
  while ((await fetch(`${url}/readyz`)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
  return {
    process,
    port: Number(new URL(url).port),
    async opened() {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      return Number(/sessions_opened_total (\d+)/.exec(metrics)?.[1]);
    },
  };
}

const kill = (gateways: readonly Gateway[]) => {
  for (const { process } of gateways) process.child.kill('SIGKILL');
};

test('each installation stays with one gateway, so that its sessions stay warm, and another gateway moves few of them', async () => {
  const issuer = await startTokenIssuer();
  const server = await scriptedImap({});
  const gateways = await Promise.all([1, 2, 3].map(() => startGateway(issuer)));
  const [port = 0] = await freePorts(1);
  const haproxy = await startHaproxy(
    port,
    gateways.map((one) => one.port),
  );
  try {
    const installations = Array.from({ length: 30 }, (_, at) => `installation-${at}`);
    const pollAll = async () => {
      for (const id of installations)
        await gatewayMailbox(callProgram(haproxy.url, issuer, id), scriptedSettings(server.port), {
          password: 'secret',
        }).list('7:0', 10);
      return Promise.all(gateways.map(({ opened }) => opened()));
    };
    const first = await pollAll();
    assert.equal(sum(first), installations.length);
    assert.ok(
      first.every((opened) => opened > 3),
      `they are distributed: ${first}`,
    );
    await pollAll();
    assert.deepEqual(await pollAll(), first, 'no sign-in but the first');

    gateways.push(await startGateway(issuer));
    await haproxy.reload(gateways.map((one) => one.port));
    const moved = (await pollAll()).map((opened, at) => opened - (first[at] ?? 0));
    assert.deepEqual(moved.slice(0, 3), [0, 0, 0], 'nobody moves among those that were there');
    assert.ok((moved[3] ?? 0) > 0 && (moved[3] ?? 0) < 20, `to the new one moved ${moved[3]}`);
  } finally {
    await haproxy.stop();
    kill(gateways);
    await server.stop();
    await issuer.stop();
  }
});

test('makes one issue of each mail while a gateway is killed, one is stopped and one is added', async () => {
  const users = ['ada', 'bob', 'cyd', 'dan'];
  const dovecot: Dovecot = await startDovecot({ users: Object.fromEntries(users.map((user) => [user, 'secret'])) });
  const [port = 0, host = 0] = await freePorts(2);
  const product = await startProduct({ port: host, gateway: `http://127.0.0.1:${port}` });
  const keys = {
    audience: readAppManifest('manifest.yml').appAri,
    jwksUrl: `http://127.0.0.1:${host}/_local/jwks`,
  };
  const gateways = await Promise.all([1, 2, 3].map(() => startGateway(keys)));
  const haproxy = await startHaproxy(
    port,
    gateways.map((one) => one.port),
  );
  try {
    const ids: string[] = [];
    for (const user of users)
      ids.push((await product.connect(dovecot, user, { settings: { afterDownload: 'delete' } })).id);
    const sent: string[] = [];
    const arrive = async (count: number) => {
      const text = `${'x'.repeat(76)}\r\n`.repeat(200);
      for (const user of users) {
        const subjects = Array.from({ length: count }, (_, at) => `Mail ${sent.length + at + 1}`);
        sent.push(...subjects);
        await dovecot.append(
          user,
          subjects.map((subject) => `From: a@example.org\r\nSubject: ${subject}\r\n\r\n${text}`),
        );
      }
    };
    const pollAll = () => Promise.all(ids.map((id) => product.poll(id)));
    const troubles = async () => {
      const views = await Promise.all(ids.map((id) => product.call('connections.get', { id })));
      return views.flatMap(({ trouble }) => trouble ?? []);
    };
    /** The gateway that this site is at now. */
    const serving = async (): Promise<Gateway> => {
      const opened = await Promise.all(gateways.map((one) => one.opened()));
      const at = opened.findIndex((sessions) => sessions > 0);
      const found = gateways.splice(at, 1)[0];
      assert.ok(at >= 0 && found !== undefined);
      return found;
    };
    const taken = async (more: number) => {
      const wanted = product.summaries().length + more;
      while (product.summaries().length < wanted) await new Promise((resolve) => setTimeout(resolve, 5));
    };

    await arrive(40);
    const killed = await serving();
    const polls = pollAll();
    await taken(20);
    killed.process.child.kill('SIGKILL');
    await polls;
    // Trouble of the moment waits a minute; polls go on with the gateways that are left.
    await product.forge.advance(120);
    await pollAll();
    assert.deepEqual(await troubles(), []);
    assert.deepEqual([...product.summaries()].sort(), [...sent].sort());

    await arrive(40);
    const stopped = await serving();
    const others = pollAll();
    await taken(20);
    stopped.process.child.kill('SIGTERM');
    await others;
    do {
      await arrive(1);
      await pollAll();
      assert.deepEqual(await troubles(), [], 'no request is refused while a gateway goes');
    } while (stopped.process.child.exitCode === null && stopped.process.child.signalCode === null);
    assert.equal(await stopped.process.ended, 0);
    assert.deepEqual([...product.summaries()].sort(), [...sent].sort());

    const added = await startGateway(keys);
    gateways.push(added);
    await haproxy.reload(gateways.map((one) => one.port));
    await arrive(10);
    await pollAll();
    assert.deepEqual(await troubles(), []);
    // The last of the first three goes without a word, so that only the new one is left.
    kill(gateways.splice(0, 1));
    await arrive(10);
    await pollAll();
    await product.forge.advance(120);
    await pollAll();
    assert.deepEqual(await troubles(), []);
    assert.ok((await added.opened()) > 0);
    assert.deepEqual([...product.summaries()].sort(), [...sent].sort());
    for (const user of users)
      assert.match(await dovecot.doveadm('mailbox', 'status', '-u', user, 'messages', 'INBOX'), /messages=0/);
  } finally {
    await haproxy.stop();
    kill(gateways);
    await product.close();
    await dovecot.stop();
  }
});

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
