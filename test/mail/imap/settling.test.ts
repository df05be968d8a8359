import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { PartedMailbox } from '../../../src/mail/parts';
import { inbox, type Reply } from '../../support/scripted-imap';
import { withServer } from '../../support/scripted-mailbox';

/** An inbox with messages by UID, that keeps flags and obeys STORE, COPY, MOVE and UID EXPUNGE. */
function folder(uids: readonly number[], options: { readOnly?: boolean; lose?: string } = {}) {
  const flags = new Map(uids.map((uid) => [uid, new Set<string>()]));
  const copies: number[] = [];
  const chosen = (set: string) =>
    [...flags.keys()].filter((uid) =>
      set.split(',').some((run) => {
        const [from = 0, to = from] = run.split(':').map(Number);
        return uid >= from && uid <= to;
      }),
    );
  const remove = (set: string) => {
    for (const uid of chosen(set)) flags.delete(uid);
  };
  let losses = options.lose === undefined ? 0 : 1;
  /** Does it, and then says so, or is cut before it can. */
  const act = (command: string, effect: (args: string) => void): Reply => {
    return (tag: string, args: string, socket: Socket) => {
      effect(args);
      if (command !== options.lose || losses-- <= 0) return `${tag} OK done`;
      socket.destroy();
      return undefined;
    };
  };
  const on: Record<string, Reply> = {
    select: (tag) => `${inbox(flags.size, 100)}${tag} OK [${options.readOnly ? 'READ-ONLY' : 'READ-WRITE'}] open`,
    'uid fetch': (tag, args) => {
      const rows = chosen(args.split(' ')[0] ?? '').map(
        (uid) => `* ${uid} FETCH (UID ${uid} FLAGS (${[...(flags.get(uid) ?? [])].join(' ')}))\r\n`,
      );
      return `${rows.join('')}${tag} OK done`;
    },
    'uid store': act('uid store', (args) => {
      const [set = '', , flag = ''] = args.split(' ');
      for (const uid of chosen(set)) flags.get(uid)?.add(flag.replace(/[()]/g, ''));
    }),
    'uid copy': act('uid copy', (args) => void copies.push(...chosen(args.split(' ')[0] ?? ''))),
    'uid move': act('uid move', (args) => {
      const set = args.split(' ')[0] ?? '';
      copies.push(...chosen(set));
      remove(set);
    }),
    'uid expunge': act('uid expunge', (args) => {
      for (const uid of chosen(args)) if (flags.get(uid)?.has('\\Deleted')) flags.delete(uid);
    }),
  };
  return { flags, copies, on };
}

const withFolder = (
  capabilities: string,
  state: ReturnType<typeof folder>,
  body: (mailbox: PartedMailbox, commands: string[]) => Promise<void>,
) => withServer({ capabilities, on: state.on }, body);

const outcomes = (settled: { outcome: string }[]) => settled.map(({ outcome }) => outcome);

test('with UIDPLUS, deletes the named message and not the one that somebody else flagged', () => {
  const state = folder([1, 2, 3]);
  state.flags.get(2)?.add('\\Deleted');
  return withFolder('UIDPLUS', state, async (mailbox, commands) => {
    assert.deepEqual(outcomes(await mailbox.settle(['7.1'], 'delete', '')), ['settled']);
    assert.deepEqual([...state.flags.keys()], [2, 3]);
    assert.ok(commands.includes('UID EXPUNGE 1') && !commands.includes('EXPUNGE'));
  });
});

test('without UIDPLUS, only flags the message, says so, and never expunges', () => {
  const state = folder([1, 2]);
  state.flags.get(2)?.add('\\Deleted');
  return withFolder('', state, async (mailbox, commands) => {
    const [settled] = await mailbox.settle(['7.1'], 'delete', '');
    assert.equal(settled?.outcome, 'refused');
    assert.match(settled?.outcome === 'refused' ? settled.message : '', /UIDPLUS/);
    assert.deepEqual([...state.flags.keys()], [1, 2]);
    assert.ok(state.flags.get(1)?.has('\\Deleted'));
    assert.ok(!commands.some((command) => /EXPUNGE|CLOSE/.test(command)), commands.join('\n'));
  });
});

test('without MOVE, copies, then deletes', () => {
  const state = folder([1, 2]);
  return withFolder('UIDPLUS', state, async (mailbox, commands) => {
    assert.deepEqual(outcomes(await mailbox.settle(['7.2'], 'move', 'Done')), ['settled']);
    assert.deepEqual(state.copies, [2]);
    assert.deepEqual([...state.flags.keys()], [1]);
    assert.ok(commands.includes('UID EXPUNGE 2'));
  });
});

test('without MOVE and UIDPLUS, copies once, however often it is tried', () =>
  withFolder('', folder([1]), async (mailbox, commands) => {
    assert.deepEqual(outcomes(await mailbox.settle(['7.1'], 'move', 'Done')), ['refused']);
    assert.deepEqual(outcomes(await mailbox.settle(['7.1'], 'move', 'Done')), ['refused']);
    assert.equal(commands.filter((command) => command.startsWith('UID COPY')).length, 1);
    assert.ok(!commands.some((command) => /EXPUNGE/.test(command)));
  }));

for (const [lose, action, capabilities] of [
  ['uid expunge', 'delete', 'UIDPLUS'],
  ['uid store', 'delete', 'UIDPLUS'],
  ['uid move', 'move', 'UIDPLUS MOVE'],
  ['uid store', 'mark-read', ''],
] as const) {
  test(`${action}: a reply to ${lose.toUpperCase()} that is lost does not lose the outcome`, () => {
    const state = folder([1, 2, 3], { lose });
    return withFolder(capabilities, state, async (mailbox) => {
      assert.deepEqual(outcomes(await mailbox.settle(['7.1', '7.3'], action, 'Done')), ['settled', 'settled']);
      if (action === 'mark-read') assert.ok(state.flags.get(1)?.has('\\Seen') && !state.flags.get(2)?.has('\\Seen'));
      else assert.deepEqual([...state.flags.keys()], [2]);
      if (action === 'move') assert.deepEqual(state.copies, [1, 3], 'nothing is moved twice');
    });
  });
}

test('in a folder that is read-only, changes nothing and says why', () => {
  const state = folder([1], { readOnly: true });
  return withFolder('UIDPLUS', state, async (mailbox, commands) => {
    for (const action of ['mark-read', 'delete', 'move'] as const) {
      const [settled] = await mailbox.settle(['7.1'], action, 'Done');
      assert.match(settled?.outcome === 'refused' ? settled.message : '', /only read/);
    }
    assert.ok(!commands.some((command) => /STORE|COPY|EXPUNGE/.test(command)));
  });
});

test('when the server refuses, hands on its words', () => {
  const state = folder([1]);
  state.on['uid store'] = (tag) => `${tag} NO [NOPERM] ask the postmaster`;
  return withFolder('', state, async (mailbox) => {
    const [settled] = await mailbox.settle(['7.1'], 'mark-read', '');
    assert.match(settled?.outcome === 'refused' ? settled.message : '', /ask the postmaster/);
  });
});

test('marks many messages by one STORE, and none that is read already', () => {
  const state = folder([1, 2, 3, 4, 9]);
  state.flags.get(4)?.add('\\Seen');
  return withFolder('', state, async (mailbox, commands) => {
    await mailbox.settle(['7.1', '7.2', '7.3', '7.4', '7.9', '7.50', '6.1'], 'mark-read', '');
    assert.deepEqual(
      commands.filter((command) => command.includes('STORE')),
      ['UID STORE 1:3,9 +FLAGS.SILENT (\\Seen)'],
    );
  });
});

test('settles the right message when others are expunged meanwhile', () => {
  const state = folder([1, 2, 3]);
  const fetch = state.on['uid fetch'];
  state.on['uid fetch'] = (tag, args, socket) => {
    state.flags.delete(1);
    return `* 1 EXPUNGE\r\n${fetch?.(tag, args, socket)}`;
  };
  return withFolder('UIDPLUS', state, async (mailbox) => {
    assert.deepEqual(outcomes(await mailbox.settle(['7.1', '7.2'], 'delete', '')), ['gone', 'settled']);
    assert.deepEqual([...state.flags.keys()], [3]);
  });
});
