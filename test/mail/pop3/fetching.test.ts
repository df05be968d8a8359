import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble, type Part } from '../../../src/mail/parts';
import { handlesOf, openMailbox, texts } from './open';
import { mail } from './pop3-server';

test('gives every byte back: 8-bit, NUL, dot lines, bare line feeds, an empty mail', async (t) => {
  const bodies = ['\x00\xff\xe4\r\n', '.\r\n..\r\n.a\r\n', 'a\n.\nb\n..\n', '\r\n', 'x'.repeat(100_000)];
  const raws = ['', ...bodies.map((body) => `Subject: x\r\n\r\n${body}`)].map((raw) =>
    Buffer.from(raw.endsWith('\r\n') || raw === '' ? raw : `${raw}\r\n`, 'latin1'),
  );
  const { mailbox } = await openMailbox(t, { mails: raws.slice(1).map((raw, n) => ({ id: `${n}`, raw })) });
  assert.deepEqual(
    await texts(mailbox, await handlesOf(mailbox)),
    raws.slice(1).map((raw) => raw.toString('latin1')),
  );
});

test('results come in the order asked for, also of messages that are gone', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: [mail('a'), mail('b'), mail('c')] });
  const [a = '', b = '', c = ''] = await handlesOf(mailbox);
  await mailbox.close();
  server.mails.splice(1, 1);
  const found: string[] = [];
  for await (const { handle, outcome } of mailbox.fetch([c, b, a], 1_000)) found.push(`${handle} ${outcome}`);
  assert.deepEqual(found, [`${c} raw`, `${b} gone`, `${a} raw`]);
});

test('a message that disappears during the session is gone; one that the server only refuses is not called gone', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: [mail('a'), mail('b'), mail('c')] });
  const handles = await handlesOf(mailbox);
  server.script = (command) => (command === 'RETR 2' ? '-ERR can not read\r\n' : undefined);
  const found = await texts(mailbox, handles);
  assert.deepEqual(
    found.map((text) => text.split('\r\n')[1]),
    ['Subject: a', 'Subject: c'],
  );

  await handlesOf(mailbox);
  server.script = (command, visit) => {
    if (visit.number !== server.visits || command !== 'RETR 2' || server.mails.length < 3) return undefined;
    server.mails.splice(1, 1);
    return '-ERR message expunged\r\n';
  };
  assert.deepEqual(
    (await texts(mailbox, handles)).map((text) => text.split('\r\n')[1] ?? text),
    ['Subject: a', 'gone', 'Subject: c'],
  );
});

test('a mail that is announced as too large is not asked for, and those behind it are', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: [mail('a'), mail('b', 'x'.repeat(5_000)), mail('c')] });
  const found = await texts(mailbox, await handlesOf(mailbox), 1_000);
  assert.deepEqual(
    found.map((text) => text.split('\r\n')[1] ?? text),
    ['Subject: a', 'too-large', 'Subject: c'],
  );
  assert.ok(!server.commands.includes('RETR 2'));
});

test('a mail that is larger than announced is cut off at the limit, and those behind it are read', async (t) => {
  const flood = Buffer.alloc(200_000, 'x');
  const { server, mailbox } = await openMailbox(t, {
    mails: [mail('a'), mail('b'), mail('c')],
    script: (command, visit) => {
      if (command === 'RETR 3' && visit.number === 1) return null;
      if (command !== 'RETR 2') return undefined;
      visit.socket.write('+OK\r\n');
      const pour = () => {
        if (!visit.socket.destroyed && visit.socket.write(flood)) setImmediate(pour);
      };
      visit.socket.on('drain', pour);
      pour();
      return null;
    },
  });
  const found = await texts(mailbox, await handlesOf(mailbox), 1_000_000);
  assert.deepEqual(
    found.map((text) => text.split('\r\n')[1] ?? text),
    ['Subject: a', 'too-large', 'Subject: c'],
  );
  assert.equal(server.visits, 2);
});

test('a mail that is a little larger than announced and than the limit is too large', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: [mail('a', 'x'.repeat(100)), mail('b')] });
  server.script = (command) => (command === 'LIST 1' ? '+OK 1 10\r\n' : undefined);
  const found = await texts(mailbox, await handlesOf(mailbox), 150);
  assert.deepEqual(
    found.map((text) => text.split('\r\n')[1] ?? text),
    ['too-large', 'Subject: b'],
  );
  assert.equal(server.visits, 1);
});

test('a mail of exactly the limit is taken although its dots are doubled on the way', async (t) => {
  const raw = '.\r\n'.repeat(1_000);
  const { mailbox } = await openMailbox(t, { mails: [{ id: 'a', raw }] });
  const handles = await handlesOf(mailbox);
  assert.deepEqual(await texts(mailbox, handles, raw.length), [raw]);
  assert.deepEqual(await texts(mailbox, handles, raw.length - 1), ['too-large']);
});

for (const [what, ending] of [
  ['a missing terminator', ''],
  ['a terminator of line feeds only', '\n.\n'],
  ['a terminator after a bare line feed', '\n.\r\n'],
  ['a terminator before a bare line feed', '\r\n.\n'],
] as const) {
  test(`${what} never makes a message`, async (t) => {
    const { server, mailbox } = await openMailbox(t, { mails: [mail('a'), mail('b')] });
    const handles = await handlesOf(mailbox);
    server.script = (command, visit) => {
      if (command !== 'RETR 2') return undefined;
      visit.socket.end(`+OK\r\nSubject: cut\r\n\r\nhalf a${ending}`);
      return null;
    };
    const outcomes: string[] = [];
    await assert.rejects(
      async () => {
        for await (const { outcome } of mailbox.fetch(handles, 10_000)) outcomes.push(outcome);
      },
      { code: 'connection-lost', kind: 'transient' },
    );
    assert.deepEqual(outcomes, ['raw']);
    server.script = undefined;
    assert.equal((await texts(mailbox, handles)).length, 2, 'the next poll reads it whole');
  });
}

test('a server that ends its own lines with LF is refused', async (t) => {
  const { mailbox } = await openMailbox(t, {
    mails: [mail('a')],
    script: (command) => (command === 'STAT' ? '+OK 1 10\n' : undefined),
  });
  await assert.rejects(mailbox.list(null, 50), { code: 'server-broken', kind: 'transient' });
});

test('a server that sends a byte now and then runs into our deadline', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: [mail('a')] }, { timeoutMs: 2_000 });
  const handles = await handlesOf(mailbox);
  server.script = (command, visit) => {
    if (!command.startsWith('RETR')) return undefined;
    visit.socket.write('+OK\r\n');
    const timer = setInterval(() => visit.socket.write('x'), 20);
    visit.socket.on('close', () => clearInterval(timer));
    return null;
  };
  await assert.rejects(texts(mailbox, handles), { code: 'timeout', kind: 'transient' });
});

test('the whole call has a deadline too, however lively each answer is', async (t) => {
  const mails = Array.from({ length: 200 }, (_, n) => mail(`${n}`));
  const { server, mailbox } = await openMailbox(t, { mails }, { timeoutMs: 60_000 }, undefined, { callMs: 4_000 });
  const handles = await handlesOf(mailbox);
  server.script = (command, visit, usual) => {
    if (!command.startsWith('RETR')) return undefined;
    setTimeout(() => visit.socket.write(usual()), 50 * Number(command.slice(5)));
    return null;
  };
  await assert.rejects(texts(mailbox, handles), { code: 'timeout' });
});

test('time that the reader takes is not the server’s fault', async (t) => {
  const { mailbox } = await openMailbox(
    t,
    { mails: [mail('a'), mail('b'), mail('c')] },
    { timeoutMs: 2_000 },
    undefined,
    { callMs: 2_500 },
  );
  const handles = await handlesOf(mailbox);
  let count = 0;
  for await (const { outcome } of mailbox.fetch(handles, 10_000)) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    if (outcome === 'raw') count += 1;
  }
  assert.equal(count, 3);
});

test('a download that is left in the middle spoils nothing that follows', async (t) => {
  const { mailbox } = await openMailbox(t, { mails: Array.from({ length: 30 }, (_, n) => mail(`${n}`)) });
  const handles = await handlesOf(mailbox);
  for await (const { outcome } of mailbox.fetch(handles, 10_000)) {
    assert.equal(outcome, 'raw');
    break;
  }
  assert.match((await texts(mailbox, handles.slice(7, 8)))[0] ?? '', /Subject: 7\r/);
});

test('a deletion in the middle of a download hits the right message, and the download goes on', async (t) => {
  const { server, mailbox } = await openMailbox(t, { mails: Array.from({ length: 10 }, (_, n) => mail(`${n}`)) });
  const handles = await handlesOf(mailbox);
  const subjects: string[] = [];
  for await (const one of mailbox.fetch(handles, 10_000)) {
    subjects.push(
      one.outcome === 'raw' ? (/Subject: (.*)\r/.exec(Buffer.from(one.raw).toString())?.[1] ?? '') : one.outcome,
    );
    const [settled] = await mailbox.settle([one.handle], 'delete', '');
    assert.equal(settled?.outcome, 'settled');
  }
  assert.deepEqual(
    subjects,
    Array.from({ length: 10 }, (_, n) => `${n}`),
  );
  assert.deepEqual(server.mails, []);
});

test('parts of a budget give the same messages, and a large one is downloaded once', async (t) => {
  const mails = [mail('a', 'x'.repeat(3_000)), mail('b', 'y'.repeat(25_000)), mail('c', 'z'.repeat(10))];
  const { server, mailbox } = await openMailbox(t, { mails });
  const handles = await handlesOf(mailbox);
  async function* inCalls(): AsyncGenerator<Part> {
    let index = 0;
    let offset = 0;
    while (index < handles.length) {
      let given = 0;
      for await (const part of mailbox.readParts(handles, { index, offset }, 1_000_000, 4_000)) {
        given += part.outcome === 'part' ? part.bytes.length : 0;
        const isDone = part.outcome !== 'part' || part.last;
        offset = isDone || part.outcome !== 'part' ? 0 : offset + part.bytes.length;
        index += isDone ? 1 : 0;
        yield part;
      }
      assert.ok(given > 0 && given <= 4_000);
    }
  }
  const found: string[] = [];
  for await (const one of assemble(inCalls(), 1_000_000))
    found.push(one.outcome === 'raw' ? Buffer.from(one.raw).toString() : one.outcome);
  assert.deepEqual(
    found,
    mails.map(({ raw }) => raw),
  );
  assert.equal(server.commands.filter((command) => command === 'RETR 2').length, 1);
  assert.equal(server.visits, 1, 'a budget that is used up ends no session');
});

test('the rest of a large mail is read again where it is no longer held', async (t) => {
  const { mailbox } = await openMailbox(t, { mails: [mail('a', 'x'.repeat(5_000))] });
  const handles = await handlesOf(mailbox);
  await mailbox.close();
  for await (const part of mailbox.readParts(handles, { index: 0, offset: 4_000 }, 1_000_000, 4_000)) {
    assert.ok(part.outcome === 'part' && part.last);
    assert.equal(part.bytes.length + 4_000, (await texts(mailbox, handles))[0]?.length);
  }
});
