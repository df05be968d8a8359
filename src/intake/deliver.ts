import { AppError, toAppError } from '../domain/app-error';
import type { Connection } from '../domain/connection';
import type { Attachment, Message } from '../domain/message';
import { ownMailCode, ownMailReason } from '../domain/own-mark';
import type { Created, Origin } from '../domain/receipt';
import { attachAll } from './attach-all';
import type { Download } from './download';
import type { IntakePorts } from './intake-ports';
import { issueDraft } from './issue-draft';

export type Taken =
  /** `knownSince`: when an earlier run had come that far (epoch milliseconds); null when it was this one. */
  | { outcome: 'done'; issueKey: string; knownSince: number | null }
  /** Somebody else may be at it: try again after `retryAfterMs`. */
  | { outcome: 'claimed'; retryAfterMs: number }
  | { outcome: 'skipped'; code: string; reason: string; knownSince: number | null }
  | { outcome: 'quarantined'; code: string; reason: string; knownSince: number };

/** Makes the issue of a message that this run has claimed, or skips the message. @throws AppError see `takeMessage` */
export async function deliver(ports: IntakePorts, connection: Connection, download: Download): Promise<Taken> {
  const { origin, raw, trace } = download;
  const message = await releasing(ports, origin, () => download.read());
  if (await releasing(ports, origin, () => ports.ownMark.isOn(message))) return skipOwn(ports, origin);
  const attachments = await attachmentsFor(ports, connection, origin, message, raw);
  const issueKey = await create(ports, connection, origin, message);
  trace.add({ step: 'created', issueKey });
  return finish(ports, download, { state: 'created', issueKey, paused: false, noted: false }, attachments);
}

/** Goes on with an issue that an earlier run made. @throws AppError see `takeMessage` */
export async function complete(
  ports: IntakePorts,
  connection: Connection,
  download: Download,
  created: Created,
): Promise<Taken> {
  const { origin, raw, trace } = download;
  const message = await download.read();
  trace.add({ step: 'adopted', issueKey: created.issueKey });
  return finish(ports, download, created, await attachmentsFor(ports, connection, origin, message, raw));
}

/** Records that a message is given up, so that no later listing takes it, and the issue that it has already. */
export async function giveUp(ports: IntakePorts, origin: Origin, error: AppError): Promise<void> {
  const known = await ports.receipts.get(origin);
  const issue = known?.receipt.state === 'created' && issueOf(known.receipt);
  const { code, message: reason } = error;
  await ports.receipts.put(origin, { state: 'quarantined', code, reason, at: ports.now(), ...(issue && { issue }) });
}

const issueOf = ({ issueKey, noted, seen }: Created) => ({ issueKey, noted, ...(seen && { seen }) });

/** A run that was held up past its time must not go on: its claim may have been taken over. */
export function refuseOutOfTime(ports: IntakePorts): void {
  if (ports.remainingMs() > 0) return;
  throw new AppError('out-of-time', 'transient', 'The poll ran out of time. The next one goes on.');
}

/** Mail of our own would make issues of what is said about issues, and answers to answers. */
async function skipOwn(ports: IntakePorts, origin: Origin): Promise<Taken> {
  const skipped = { code: ownMailCode, reason: ownMailReason };
  await ports.receipts.put(origin, { state: 'skipped', ...skipped });
  return { outcome: 'skipped', ...skipped, knownSince: null };
}

function create(ports: IntakePorts, connection: Connection, origin: Origin, message: Message): Promise<string> {
  return releasing(ports, origin, () => {
    refuseOutOfTime(ports);
    return ports.issues.create(issueDraft(message, connection, origin));
  });
}

/** Gives the claim back if the work fails without any effect: the next try need not wait until the claim has no owner. */
async function releasing<T>(ports: IntakePorts, origin: Origin, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const error = toAppError(thrown);
    if (!error.uncertain) {
      await ports.receipts
        .release(origin)
        .catch((failure) => ports.log('warn', 'claim-not-released', { origin, failure }));
    }
    throw error;
  }
}

/**
 * Reads the issue back, attaches what is missing, and records that the message is done. An issue that was seen once, and is not
 * there now, was deleted by somebody who did not want it; it is not made again.
 */
async function finish(
  ports: IntakePorts,
  { origin, trace }: Download,
  created: Created,
  attachments: readonly Attachment[],
): Promise<Taken> {
  const { issueKey } = created;
  // What a later run has to know where this one fails.
  const progress: Created = { ...created };
  try {
    const there = created.seen && attachments.length === 0 ? [] : await ports.issues.attachments(issueKey);
    if (there === null && !created.seen) throw unseen(issueKey);
    if (there !== null && attachments.length > 0) {
      // One after the other: whatever ends this run, the next one goes on with this issue.
      if (!created.seen) await ports.receipts.put(origin, Object.assign(progress, { seen: true }));
      await attachAll(ports, { origin, trace, progress }, attachments, there);
    }
  } catch (thrown) {
    const paused = { ...progress, paused: true };
    await ports.receipts
      .put(origin, paused)
      .catch((failure) => ports.log('warn', 'pause-not-noted', { origin, failure }));
    throw withIssue(toAppError(thrown));
  }
  await ports.receipts.put(origin, { state: 'done', issueKey });
  return { outcome: 'done', issueKey, knownSince: null };
}

/** Where the issue is known, an answer that got lost leaves no doubt of it: what is attached already is asked before the next try. */
function withIssue(error: AppError): AppError {
  if (!error.uncertain) return error;
  const { code, kind, message, retryAfterMs, detail, cause } = error;
  return new AppError(code, kind, message, { retryAfterMs, detail, cause });
}

/** Mail whose issue nobody may ever see would leave the mailbox unread, and be made again when it is looked for in vain. */
const unseen = (issueKey: string): AppError =>
  new AppError(
    'issue-unseen',
    'access',
    `Letterbox made ${issueKey} of a mail and cannot see it: the app may not see issues of this project (security level, permission to browse the project), or the issue was archived or moved at once. Let the app see the issues that it makes, then enable the connection again. The mail stays in the mailbox.`,
  );

/** The message's attachments, and the mail itself where the issue cannot show all of it. */
async function attachmentsFor(
  ports: IntakePorts,
  connection: Connection,
  origin: Origin,
  message: Message,
  raw: Uint8Array,
): Promise<readonly Attachment[]> {
  const isWhole = message.defect === null && (await ports.issues.showsWhole(issueDraft(message, connection, origin)));
  if (isWhole) return message.attachments;
  const taken = new Set(message.attachments.map((attachment) => attachment.fileName));
  let fileName = 'original-mail.eml';
  for (let number = 2; taken.has(fileName); number += 1) fileName = `original-mail-${number}.eml`;
  const original = { fileName, mimeType: 'message/rfc822', content: raw, contentId: null, inline: false };
  return [...message.attachments, original];
}
