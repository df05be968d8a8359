import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { after, before } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import type { Fault } from '../support/fault-proxy';
import type { Meddling } from '../support/meddler';
import { faultTests } from './matrix';
import { assertTransient, type Inbox, type Stage, startStage } from './stage';

let stage: Stage;
before(async () => {
  stage = await startStage();
});
after(() => stage?.close());

const tagOf = (line: string) => line.split(' ')[0] ?? '';
const large = (user: string, subject: string, bytes: number) =>
  `Subject: ${subject}\r\n\r\nText to ${user}.\r\n${`${'x'.repeat(70)}\r\n`.repeat(bytes / 72)}`;

/** A fault of the network in the middle of a large mail, which has another one behind it. */
const inLiteral = (fault: Fault) => async () => {
  const inbox = await stage.inbox();
  await inbox.raw(large(inbox.user, 'large', 200_000));
  await inbox.deliver('behind');
  inbox.network.inject(fault, 50_000);
  await inbox.poll();
  assert.deepEqual(inbox.issues(), []);
  await assertTransient(inbox);
  inbox.network.inject('none');
  await inbox.recovers(['large', 'behind']);
  const [issue] = stage.product.jira.state.all().slice(-2);
  assert.ok(JSON.stringify(issue?.description).length > 30_000 || (issue?.attachments.length ?? 0) > 0, 'it is whole');
};

/** A server that misbehaves from some point on, until it is well again. */
const misbehaving =
  (meddling: Meddling, assertFailed: (inbox: Inbox) => Promise<void> = assertTransient) =>
  async () => {
    const inbox = await stage.inbox();
    await inbox.deliver('one', 'two');
    inbox.server.meddle(meddling);
    inbox.server.hangUp();
    await inbox.poll();
    assert.deepEqual(inbox.issues(), []);
    await assertFailed(inbox);
    inbox.server.meddle({});
    inbox.server.hangUp();
    await inbox.recovers(['one', 'two']);
  };

const saysBye = (when: RegExp, before = ''): Meddling => ({
  command: (line, client) => {
    if (!when.test(line)) return undefined;
    client.end(`${before.replace('TAG', tagOf(line))}* BYE too busy\r\n`);
    return '';
  },
});

faultTests('imap', {
  'the connection is cut in a FETCH literal': inLiteral('cut'),
  'the connection is reset in a FETCH literal': inLiteral('reset'),
  'the connection stalls in a FETCH literal': inLiteral('stall'),
  '1 byte a second in a FETCH literal': inLiteral('drip'),
  'BYE as greeting': misbehaving({ instead: (client) => client.end('* BYE too busy\r\n') }),
  'BYE after the sign-in': misbehaving(saysBye(/^\S+ (LOGIN|AUTHENTICATE)/i, 'TAG OK signed in\r\n')),
  'BYE in the middle of a session': misbehaving(saysBye(/^\S+ UID FETCH/i)),
  'garbage as greeting': misbehaving({ instead: (client) => client.write('SSH-2.0-OpenSSH_9.6\r\n') }),
  'no greeting': misbehaving({ instead: () => undefined }),
  '1 byte a second from the greeting on': misbehaving({
    instead: (client) => {
      const timer = setInterval(() => client.write('*'), 300);
      client.once('close', () => clearInterval(timer));
    },
  }),

  'a literal of 900 MB is announced': async () => {
    const inbox = await stage.inbox();
    await inbox.deliver('one', 'two', 'three');
    inbox.server.meddle({
      answer: (line) => (/UID 2 .*BODY\[\]/.test(line) ? line.replace(/\{\d+\}/, '{900000000}') : line),
    });
    await inbox.recovers(['one', 'three']);
    assert.deepEqual(await inbox.givenUp(), ['mail-too-large']);
    assert.equal(await inbox.left(), 3);
  },

  'SIZE says too little': async () => {
    const inbox = await stage.inbox({ settings: { largestMailMb: 1, timeoutMs: 10_000 } });
    await inbox.raw(large(inbox.user, 'too large', 1_500_000), large(inbox.user, 'whole', 50_000));
    await inbox.deliver('behind');
    inbox.server.meddle({ answer: (line) => line.replace(/RFC822\.SIZE \d+/, 'RFC822.SIZE 10') });
    await inbox.recovers(['whole', 'behind']);
    assert.deepEqual(await inbox.givenUp(), ['mail-too-large']);
  },

  'SIZE says 900 MB': async () => {
    const inbox = await stage.inbox();
    await inbox.deliver('one', 'two');
    let isFetched = false;
    inbox.server.meddle({
      answer: (line) => (/UID 1 /.test(line) ? line.replace(/RFC822\.SIZE \d+/, 'RFC822.SIZE 900000000') : line),
      command: (line) => {
        if (/UID FETCH (1|1:\d+|1,\S+) .*BODY(?!.*HEADER\.FIELDS)/i.test(line)) isFetched = true;
        return undefined;
      },
    });
    await inbox.recovers(['two']);
    assert.deepEqual(await inbox.givenUp(), ['mail-too-large']);
    assert.equal(isFetched, false);
  },

  'wrong password': async () => {
    const [inbox, other] = [await stage.inbox(), await stage.inbox()];
    await inbox.deliver('one');
    await other.deliver('other');
    inbox.server.meddle({
      command: (line) =>
        /^\S+ (LOGIN|AUTHENTICATE)/i.test(line)
          ? `${tagOf(line)} NO [AUTHENTICATIONFAILED] Authentication failed.\r\n`
          : undefined,
    });
    inbox.server.hangUp();
    await inbox.poll();
    await other.recovers(['other']);
    assert.equal((await inbox.view()).state, 'enabled', 'servers refuse a right password for a while too');
    await stage.product.pollUntilSuspended(inbox.id);
    const view = await inbox.view();
    assert.equal(view.state, 'suspended');
    assert.equal(view.trouble?.step, 'sign-in');
    inbox.server.meddle({});
    await stage.product.call('connections.update', { id: inbox.id, version: view.version, settings: view.settings });
    await inbox.recovers(['one']);
  },

  'certificate error': async () => {
    const { dovecot, product } = stage;
    const [other, plain] = [await stage.inbox(), await stage.inbox()];
    const { certificate, key } = await dovecot.authority.issue('impostor', { names: ['other.example'] });
    const impostor = createTlsServer({ cert: certificate, key }).listen(0, '127.0.0.1');
    impostor.on('tlsClientError', () => undefined);
    await new Promise((resolve) => impostor.once('listening', resolve));
    const place = impostor.address();
    assert.ok(typeof place === 'object' && place !== null);
    let target = dovecot.ports.imaps;
    const sockets = new Set<{ destroy(): void }>();
    const between = createServer((client) => {
      const upstream = connect(target, '127.0.0.1');
      for (const [one, two] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        sockets.add(one);
        one.on('error', () => undefined).once('close', () => two.destroy());
        one.pipe(two);
      }
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => between.once('listening', resolve));
    const address = between.address();
    assert.ok(typeof address === 'object' && address !== null);
    const hangUp = () => {
      for (const socket of sockets) socket.destroy();
    };
    try {
      const { id } = await product.connect(dovecot, plain.user, {
        port: address.port,
        settings: { name: 'Over TLS' },
      });
      await plain.deliver('over TLS');
      await other.deliver('other');
      target = place.port;
      hangUp();
      await product.pollUntilSuspended(id);
      await other.recovers(['other']);
      const view = await product.call('connections.get', { id });
      assert.equal(view.state, 'suspended');
      assert.equal(view.trouble?.step, 'tls');
      assert.deepEqual(plain.issues(), []);
      target = dovecot.ports.imaps;
      hangUp();
      await product.call('connections.update', { id, version: view.version, settings: view.settings });
      await product.poll(id);
      assert.deepEqual(plain.issues(), ['over TLS']);
    } finally {
      hangUp();
      between.close();
      impostor.close();
    }
  },

  'EXPUNGE done, its reply lost': async () => {
    const inbox = await stage.inbox({ settings: { afterDownload: 'delete' } });
    await inbox.deliver('one', 'two');
    let lost = 0;
    inbox.server.meddle({
      answer: (line) => {
        if (!/OK .*Expunge completed/i.test(line) || lost > 0) return line;
        lost += 1;
        return null;
      },
    });
    await inbox.recovers(['one', 'two']);
    assert.equal(lost, 1);
    assert.equal(await inbox.left(), 0);
  },

  'read-only server': async () => {
    const inbox = await stage.inbox({ settings: { afterDownload: 'delete' } });
    await inbox.deliver('one', 'two');
    inbox.server.meddle({ answer: (line) => line.replace('[READ-WRITE]', '[READ-ONLY]') });
    inbox.server.hangUp();
    await inbox.poll();
    assert.match((await inbox.view()).warning ?? '', /only read/);
    await inbox.recovers(['one', 'two'], /only read/);
    assert.equal(await inbox.left(), 2);
  },

  'no UIDPLUS, with foreign \\Deleted': async () => {
    const inbox = await stage.inbox({ settings: { afterDownload: 'delete' }, before: ['foreign'], start: 'now' });
    await stage.dovecot.doveadm('flags', 'add', '-u', inbox.user, '\\Deleted', 'mailbox', 'INBOX', 'uid', '1');
    await inbox.deliver('one');
    inbox.server.meddle({ answer: (line) => (/CAPABILITY/.test(line) ? line.replace(/ (UIDPLUS|MOVE)/g, '') : line) });
    inbox.server.hangUp();
    await inbox.poll();
    assert.match((await inbox.view()).warning ?? '', /UIDPLUS/);
    await inbox.recovers(['one'], /UIDPLUS/);
    assert.equal(await inbox.left(), 2);
  },

  'UIDVALIDITY changed': async () => {
    const inbox = await stage.inbox({ settings: { afterDownload: 'delete' } });
    await inbox.deliver('one', 'two', 'three');
    // The second one waits when the names of all of them change.
    stage.product.forge.setFaults([
      { match: 'POST jira/rest/api/3/issue$', skip: 1, when: 'before', kind: 'error', status: 503, times: 1 },
    ]);
    await inbox.poll();
    assert.deepEqual(inbox.issues(), ['one']);
    await stage.dovecot.doveadm('mailbox', 'update', '--uid-validity', '4711', '-u', inbox.user, 'INBOX');
    await inbox.deliver('four');
    // Nobody knows whether Jira made the second one: it waits until search must know.
    await inbox.recovers(['one', 'three', 'four', 'two']);
    assert.equal(await inbox.left(), 0);
  },

  'UIDVALIDITY missing': async () => {
    const inbox = await stage.inbox({ settings: { afterDownload: 'delete' } });
    inbox.server.meddle({ answer: (line) => (/^\* OK \[UIDVALIDITY/.test(line) ? '' : line) });
    inbox.server.hangUp();
    await inbox.deliver('one', 'two');
    await inbox.poll();
    inbox.server.hangUp();
    await inbox.deliver('three');
    await inbox.recovers(['one', 'two', 'three']);
    assert.equal(await inbox.left(), 0);
  },

  'unsolicited EXPUNGE in the middle of a run': async () => {
    const inbox = await stage.inbox({ settings: { afterDownload: 'delete' } });
    await inbox.deliver('one', 'two', 'three');
    let isExpunged = false;
    inbox.server.meddle({
      command: async (line) => {
        if (!/UID STORE/i.test(line) || isExpunged) return undefined;
        isExpunged = true;
        // Everything moves up by one, and a new mail gets the number that another one had.
        await stage.dovecot.doveadm('expunge', '-u', inbox.user, 'mailbox', 'INBOX', 'uid', '1');
        await inbox.deliver('four');
        return undefined;
      },
    });
    await inbox.poll();
    assert.equal(isExpunged, true);
    await inbox.recovers(['one', 'two', 'three', 'four']);
    assert.equal(await inbox.left(), 0);
  },

  'message gone between list and fetch': async () => {
    const inbox = await stage.inbox();
    await inbox.deliver('one', 'two', 'three');
    let isExpunged = false;
    inbox.server.meddle({
      command: async (line) => {
        if (!/UID FETCH .*BODY/i.test(line) || isExpunged) return undefined;
        isExpunged = true;
        await stage.dovecot.doveadm('expunge', '-u', inbox.user, 'mailbox', 'INBOX', 'uid', '2');
        inbox.server.hangUp();
        return undefined;
      },
    });
    await inbox.poll();
    assert.equal(isExpunged, true);
    await inbox.recovers(['one', 'three']);
    assert.equal(await inbox.left(), 2);
  },

  '10,000 waiting': {
    file: 'test/live/drain.test.ts',
    name: 'drains all of them in their order, each once, without breaking a limit of the platform',
  },
});
