import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, type TestContext } from 'node:test';
import type { RemoteAnswers } from '../emulator/forge/remotes';
import { faultTests } from './matrix';
import { type Inbox, type Stage, startStage } from './stage';

/** The answers of a remote as the platform may carry them: the same polls, for mail of every size. */
const stages: Stage[] = [];
after(async () => {
  for (const stage of stages) await stage.close();
});

async function stageWith(remoteAnswers: RemoteAnswers): Promise<Stage> {
  // Shorter than by default, so that a call of the emulator may end soon.
  const gatewaySettings = { GATEWAY_ANSWER_SECONDS: '1' };
  const stage = await startStage({ platform: { remoteAnswers }, gatewaySettings });
  stages.push(stage);
  return stage;
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A mail with a file of random bytes. */
function mailWith(user: string, subject: string, file: Uint8Array): string {
  const lines = Buffer.from(file).toString('base64').replace(/.{76}/g, '$&\r\n');
  const part = `Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=file.bin\r\nContent-Transfer-Encoding: base64`;
  return `Subject: ${subject}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nText to ${user}.\r\n--b\r\n${part}\r\n\r\n${lines}\r\n--b--\r\n`;
}

/** Mails in Latin 1 and with files: each is one issue with the very file, and leaves the mailbox. */
async function comeWhole(stage: Stage, inbox: Inbox, sizes: readonly number[]): Promise<void> {
  const files = sizes.map((size) => randomBytes(size));
  const subjects = ['latin', ...files.map((_, at) => `file ${at}`)];
  await inbox.raw(
    Buffer.from(
      `Subject: latin\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nText to ${inbox.user}. \xe9\xff\r\n`,
      'latin1',
    ),
    ...files.map((file, at) => mailWith(inbox.user, `file ${at}`, file)),
  );
  await inbox.poll();
  await inbox.recovers(subjects);
  assert.equal(await inbox.left(), 0);
  const issues = stage.product.jira.state
    .all()
    .filter((issue) => JSON.stringify(issue.description).includes(`to ${inbox.user}.`));
  assert.match(JSON.stringify(issues[0]?.description), /éÿ/);
  const hashes = issues.flatMap(({ attachments }) =>
    attachments.map(({ id }) => sha256(stage.product.jira.state.file(id) ?? new Uint8Array())),
  );
  assert.deepEqual(hashes, files.map(sha256));
}

const whole = (answers: RemoteAnswers) => async () => {
  const stage = await stageWith(answers);
  const inbox = await stage.inbox({ settings: { afterDownload: 'delete', timeoutMs: 30_000 } });
  await comeWhole(stage, inbox, [1_000, 400_000, 6_000_000]);
};

/** A server so slow that neither a call nor the platform would wait for a whole mail of 25 MB. */
const slowly = (provider: 'imap' | 'pop3') => async (_context: TestContext) => {
  const stage = await stageWith({ ms: 3_000 });
  const settings = { afterDownload: 'delete', timeoutMs: 30_000, largestMailMb: 40 };
  const inbox = await stage.inbox({ provider, settings });
  inbox.network.slowTo(3_000_000);
  const before = inbox.network.passed();
  const size = 18_000_000;
  await comeWhole(stage, inbox, [size]);
  const fetched = inbox.network.passed() - before;
  assert.ok(fetched < size * 1.37 * 1.1, `${fetched} bytes came`);
};

faultTests('remote', {
  'answers are carried as text': whole({ as: 'text' }),
  'answers of more than 300 KB are refused': whole({ bytes: 300_000 }),
  'answers are cut off after 300 KB': whole({ cutAt: 300_000 }),
  'calls end after three seconds, a mail takes longer by IMAP': slowly('imap'),
  'calls end after three seconds, a mail takes longer by POP3': slowly('pop3'),
});
