import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type AsyncEvent, Queue } from '@forge/events';
import { kvs } from '@forge/kvs';
import { fixtureForge, stillClock, temporaryFolder } from './fixture/forge';
import { killedProcess } from './fixture/paths';
import { until } from './fixture/wait';

const short = new Queue({ key: 'short' });

test('keeps values, secrets, entities and expiry over a restart', async () => {
  const clock = stillClock();
  const directory = await temporaryFolder();
  const before = await fixtureForge({ clock, directory });
  await before.run(async () => {
    await kvs.set('a', { n: 1 });
    await kvs.set('gone', 1);
    await kvs.delete('gone');
    await kvs.set('brief', 1, { ttl: { value: 1, unit: 'MINUTES' } });
    await kvs.setSecret('s', 'hidden');
    await kvs.entity('employee').set('e', { age: 1 });
  });
  await before.close();
  const forge = await fixtureForge({ clock, directory });
  assert.deepEqual(forge.storage(''), { a: { n: 1 }, brief: 1, s: '***', 'employee/e': { age: 1 } });
  assert.equal(await forge.run(() => kvs.getSecret('s')), 'hidden');
  clock.advance(60_000);
  assert.equal(await forge.run(() => kvs.get('brief')), undefined);
});

test('starts empty without a directory', async () => {
  const before = await fixtureForge();
  await before.run(() => kvs.set('a', 1));
  await before.close();
  assert.deepEqual((await fixtureForge()).storage(''), {});
});

test('delivers again after a restart what was not finished, and nothing that was', async () => {
  const clock = stillClock();
  const directory = await temporaryFolder();
  let hanging = false;
  const before = await fixtureForge({
    clock,
    directory,
    functions: {
      consumeShort: async ({ body }: AsyncEvent) => {
        if (body.n !== 2) return;
        hanging = true;
        await new Promise(() => undefined);
      },
    },
  });
  await before.run(() => short.push([{ body: { n: 1 } }, { body: { n: 2 } }, { body: { n: 3 }, delayInSeconds: 60 }]));
  const drained = before.drain();
  await until(() => hanging && before.events().length === 2, 'the first event is done and the second hangs');
  await before.close();
  await drained;
  assert.deepEqual(
    before.events().map(({ retries }) => retries),
    [0, 0],
  );

  const seen: unknown[] = [];
  const consumeShort = async ({ body, retryContext }: AsyncEvent) => void seen.push([body.n, retryContext]);
  const forge = await fixtureForge({ clock, directory, functions: { consumeShort } });
  await forge.drain();
  assert.deepEqual(seen, [[2, undefined]]);
  await forge.advance(60);
  assert.deepEqual(seen.at(-1), [3, undefined]);
});

test('halves no transaction wherever the journal was cut off', async () => {
  const directory = await temporaryFolder();
  const journal = join(directory, 'forge.journal');
  const before = await fixtureForge({ directory });
  await before.run(async () => {
    for (let n = 0; n < 3; n += 1) await kvs.transact().set(`left:${n}`, 'ä').set(`right:${n}`, 'ä').execute();
  });
  await before.close();
  const whole = await readFile(journal);
  const counts = new Set<number>();
  // A step that meets lines at their start, at their end and in the middle of a character.
  for (let length = whole.length; length >= 0; length -= 17) {
    await writeFile(journal, whole.subarray(0, length));
    const forge = await fixtureForge({ directory });
    const keys = Object.keys(forge.storage(''));
    await forge.close();
    assert.equal(keys.filter((key) => key.startsWith('left')).length * 2, keys.length, `cut off at ${length}`);
    counts.add(keys.length);
  }
  assert.deepEqual([...counts], [6, 4, 2, 0]);
});

test('loses nothing that was acknowledged when the process is killed at any moment, and halves no transaction', async () => {
  const directory = await temporaryFolder();
  for (const patience of [1, 40, 173]) {
    const child = spawn(process.execPath, ['--import', 'tsx', killedProcess, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk;
    });
    try {
      await until(() => output.split('\n').length > patience, `${patience} writes are acknowledged`);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'close');
    }
    const acknowledged = output.split('\n').slice(0, -1).map(Number);
    const forge = await fixtureForge({ directory });
    const stored = forge.storage('');
    for (const n of acknowledged) assert.ok(`left:${n}` in stored && `right:${n}` in stored, `write ${n} is there`);
    for (const key of Object.keys(stored)) {
      const twin = key.startsWith('left') ? key.replace('left', 'right') : key.replace('right', 'left');
      assert.deepEqual(stored[twin], stored[key], `${key} has its twin`);
    }
    const waiting = forge.events().map(({ body }) => body.n);
    for (const n of acknowledged.filter((value) => value < 100)) assert.ok(waiting.includes(n), `event ${n} is there`);
    await forge.close();
  }
});
