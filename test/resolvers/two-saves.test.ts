import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type SecretWorld, secretWorld } from './secret-world';

let w: SecretWorld;
let credentialId = '';
before(async () => {
  w = await secretWorld();
  credentialId = (await w.app.call('credentials.create', { settings: w.client('1-x'), clientSecret: 'of 1-x' })).id;
});
after(() => w.forge.close());

const admin = { accountId: 'admin' };
const withPassword = () => w.app.call('connections.create', { settings: w.imap('ada'), password: 'of ada' });
type View = Awaited<ReturnType<typeof withPassword>>;

/** Two changes of one connection, as two administrators have loaded it. */
const pairs: Record<string, () => Promise<[() => Promise<unknown>, () => Promise<unknown>]>> = {
  'two passwords are edited': async () => {
    const view = await withPassword();
    return [edit(view, 'ben'), edit(view, 'cleo')];
  },
  'a password is edited and the connection is deleted': async () => {
    const view = await withPassword();
    return [edit(view, 'ben'), remove(view)];
  },
  'two people sign in': async () => {
    const settings = w.google('maria', credentialId);
    const view = await w.app.call('connections.create', { settings, ...(await w.signIn('maria', credentialId)) });
    const signIn = async (username: string) => {
      const access = await w.signIn(username, credentialId);
      const payload = { ...payloadOf(view), settings: { ...view.settings, username } as View['settings'], ...access };
      return () => w.handlers['connections.update'](payload, admin);
    };
    return [await signIn('kim'), await signIn('lee')];
  },
};

for (const [what, prepare] of Object.entries(pairs)) {
  test(`settings and secret belong together at whatever places two saves meet: ${what}`, async () => {
    let places = 0;
    for (let first = 1; ; first += 1) {
      let isOver = true;
      for (let second = 1; ; second += 1) {
        const reached = await interleave(await prepare(), first, second);
        await w.assertTogether(`${what}: ${first} and ${second}`);
        for (const { id, version } of await w.app.call('connections.list', {}))
          await w.app.call('connections.delete', { id, version });
        isOver = !reached.first;
        if (isOver || !reached.second) break;
        places += 1;
      }
      if (isOver) break;
    }
    assert.ok(places >= 16, `${places} places`);
  });
}

/** The first waits at its n-th call until the second has come to its own; then it goes on to its end, and the second after it. */
async function interleave([a, b]: [() => Promise<unknown>, () => Promise<unknown>], atFirst: number, atSecond: number) {
  const reached = { first: false, second: false };
  const counts = { a: 0, b: 0 };
  let startSecond = () => {};
  let endSecond = () => {};
  const secondStarts = new Promise<void>((resolve) => {
    startSecond = resolve;
  });
  let letFirst = () => {};
  const firstGoesOn = new Promise<void>((resolve) => {
    letFirst = resolve;
  });
  const secondGoesOn = new Promise<void>((resolve) => {
    endSecond = resolve;
  });
  w.world.step = async (who) => {
    if (who === 'a') {
      counts.a += 1;
      if (counts.a !== atFirst) return;
      reached.first = true;
      startSecond();
      await firstGoesOn;
    } else if (who === 'b') {
      counts.b += 1;
      if (counts.b !== atSecond) return;
      reached.second = true;
      letFirst();
      await secondGoesOn;
    }
  };
  const run = (who: string, work: () => Promise<unknown>) =>
    w.run(() => w.as(who, work)).catch((thrown) => assert.match(String(thrown), /Somebody else|does not exist/));
  const one = run('a', a).finally(() => {
    startSecond();
    endSecond();
  });
  await secondStarts;
  const two = run('b', b).finally(() => letFirst());
  await Promise.all([one, two]);
  w.world.step = async () => undefined;
  return reached;
}

const payloadOf = ({ id, version }: View) => ({ id, version });
const edit = (view: View, username: string) => () => {
  const settings = { ...view.settings, username } as View['settings'];
  return w.handlers['connections.update']({ ...payloadOf(view), settings, password: `of ${username}` }, admin);
};
const remove = (view: View) => () => w.handlers['connections.delete'](payloadOf(view), admin);
