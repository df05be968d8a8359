import assert from 'node:assert/strict';
import { after, afterEach, before } from 'node:test';
import type { Fault } from '../emulator/forge/forge';
import { type HttpStage, startHttpStage } from './http-stage';
import { faultTests } from './matrix';
import { assertTransient, type Stage, startStage } from './stage';

/** What is asked never answers, and the signal that is to abort the call does nothing. Time limits come eight times as soon. */
const platform = { abortSignals: false, timerSpeed: 8 };
let stage: Stage;
let http: HttpStage;
before(async () => {
  stage = await startStage({ platform });
  http = await startHttpStage({ platform });
});
after(async () => {
  await stage?.close();
  await http?.close();
});
afterEach(() => {
  stage.product.forge.setFaults([]);
  http.forge.setFaults([]);
});

const hang = (match: string, when: Fault['when'] = 'before', skip = 0): Fault[] => [
  { match, when, kind: 'hang', times: 1, skip },
];
const create = 'POST jira/rest/api/3/issue$';

/** Two mails, of which the poll loses an answer: whatever came of the call, each becomes one issue, and leaves. */
const onceEach =
  (fault: Fault[], code: string | null, deliver: 'plain' | 'with a file' = 'plain', order = ['one', 'two']) =>
  async () => {
    const inbox = await stage.inbox({ settings: { afterDownload: 'delete' } });
    if (deliver === 'plain') await inbox.deliver('one', 'two');
    else await inbox.raw(withFile(inbox.user, 'one'), withFile(inbox.user, 'two'));
    stage.product.forge.setFaults(fault);
    await inbox.poll();
    assert.equal(Object.values(stage.product.forge.usage().faults).length > 0, true);
    if (code !== null) {
      await assertTransient(inbox);
      assert.equal((await inbox.view()).trouble?.code, code);
    }
    stage.product.forge.setFaults([]);
    await inbox.recovers(order);
    assert.equal(await inbox.left(), 0);
    const files = stage.product.jira.state.all().slice(-2);
    if (deliver === 'with a file')
      assert.deepEqual(
        files.map(({ attachments }) => attachments.length),
        [1, 1],
      );
  };

const withFile = (user: string, subject: string) =>
  `Subject: ${subject}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nText to ${user}.\r\n--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename=one.csv\r\n\r\none\r\n--b--\r\n`;

const overHttps = (provider: 'gmail' | 'graph', match: string, code: string) => async () => {
  const inbox = await http.inbox(provider);
  inbox.deliver('one', 'two');
  http.forge.setFaults(hang(match));
  await inbox.poll();
  const { state, trouble } = await inbox.view();
  assert.deepEqual([state, trouble?.code], ['enabled', code]);
  await inbox.recovers();
};

faultTests('silence', {
  'Jira never answers a create that it did': onceEach(hang(create, 'after'), 'jira-unreachable'),
  'Jira never answers a create that it did not do': onceEach(
    hang(create),
    'jira-unreachable',
    'plain',
    // The first one waits until search must know its issue.
    ['two', 'one'],
  ),
  'Jira never answers an attachment that it took': onceEach(hang('/attachments$', 'after'), null, 'with a file'),
  'the gateway never answers a listing': onceEach(hang('remote:gateway/v1/mailbox/list'), 'gateway-unavailable'),
  'the gateway never answers a download': onceEach(hang('remote:gateway/v1/mailbox/fetch'), null),
  'the gateway never answers a deletion that it did': onceEach(
    hang('remote:gateway/v1/mailbox/settle', 'after'),
    'gateway-unavailable',
  ),
  'the storage never answers the claim of a mail': onceEach(hang('kvs/api/v1/set receipt:'), 'store-unavailable'),
  'the queue never answers a push': async () => {
    const inbox = await stage.inbox();
    await inbox.deliver('one');
    stage.product.forge.setFaults(hang('queue/publish polls'));
    await inbox.poll();
    assert.deepEqual(inbox.issues(), ['one']);
    await inbox.recovers(['one']);
  },
  'Gmail never answers': overHttps('gmail', 'gmail.googleapis.com', 'timeout'),
  'Graph never answers': overHttps('graph', 'graph.microsoft.com', 'timeout'),
  "Google's sign-in service never answers": async () => {
    const inbox = await http.inbox('gmail');
    inbox.deliver('one');
    // Beyond the life of an access token.
    await http.forge.advance(2 * 60 * 60);
    http.forge.setFaults(hang('oauth2.googleapis.com'));
    inbox.deliver('two');
    await inbox.poll();
    const { state, trouble } = await inbox.view();
    assert.deepEqual([state, trouble?.code], ['enabled', 'token-endpoint-unreachable']);
    await inbox.recovers();
  },
});
