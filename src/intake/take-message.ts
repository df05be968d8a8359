import { AppError, toAppError } from '../domain/app-error';
import type { Connection } from '../domain/connection';
import { graceMs, receiptDaysAfterRemoval, receiptDaysWhileKept } from '../domain/limits';
import type { Attachment, Message } from '../domain/message';
import { ownMailCode, ownMailReason } from '../domain/own-mark';
import type { Claim } from '../domain/ports';
import type { Origin, Receipt } from '../domain/receipt';
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

/**
 * Turns one raw message into exactly one issue, however often it is called with it and wherever it was killed before.
 * `done` means that the issue, its attachments and the receipt are recorded: the message may leave the mailbox.
 * @throws AppError: `message` concerns this message only, the other kinds everything behind it too. With `uncertain` the
 * issue may exist all the same, and only a look after `graceMs` can tell.
 * @param again an administrator asked for it: what was given up before is tried once more.
 */
export async function takeMessage(
  ports: IntakePorts,
  connection: Connection,
  download: Download,
  again: boolean,
): Promise<Taken> {
  const { origin, raw, read } = download;
  const claim = await ports.receipts.claim(origin);
  const receipt = claim.won ? ({ state: 'claimed' } as const) : await resume(ports, origin, claim, again);
  const knownSince = claim.won ? 0 : claim.notedAt;
  if (receipt.state === 'claimed') download.trace.add({ step: 'claimed', takenOver: !claim.won });
  switch (receipt.state) {
    case 'done':
      return { outcome: 'done', issueKey: receipt.issueKey, knownSince };
    case 'skipped':
    case 'quarantined':
      return { outcome: receipt.state, code: receipt.code, reason: receipt.reason, knownSince };
    case 'busy':
      return { outcome: 'claimed', retryAfterMs: receipt.retryAfterMs };
    case 'created': {
      const message = await read();
      download.trace.add({ step: 'adopted', issueKey: receipt.issueKey });
      const attachments = await attachmentsFor(ports, connection, origin, message, raw);
      return finish(ports, connection, download, receipt, attachments, true);
    }
    case 'claimed': {
      const message = await read();
      if (await releasing(ports, origin, () => ports.ownMark.isOn(message))) return skipOwn(ports, origin);
      const attachments = await attachmentsFor(ports, connection, origin, message, raw);
      const issueKey = await create(ports, connection, origin, message);
      download.trace.add({ step: 'created', issueKey });
      const created = { state: 'created', issueKey, paused: false, noted: false } as const;
      if (attachments.length > 0) await ports.receipts.put(origin, created, receiptDays(connection));
      return finish(ports, connection, download, created, attachments, false);
    }
  }
}

/** Mail of our own would make issues of what is said about issues, and answers to answers. */
async function skipOwn(ports: IntakePorts, origin: Origin): Promise<Taken> {
  const skipped = { code: ownMailCode, reason: ownMailReason };
  await ports.receipts.put(origin, { state: 'skipped', ...skipped }, receiptDaysWhileKept);
  return { outcome: 'skipped', ...skipped, knownSince: null };
}

/** Records that a message is given up, so that no later listing takes it. */
export async function giveUp(ports: IntakePorts, origin: Origin, error: AppError): Promise<void> {
  const receipt = { state: 'quarantined', code: error.code, reason: error.message, at: ports.now() } as const;
  await ports.receipts.put(origin, receipt, receiptDaysWhileKept);
}

/** What a receipt of an earlier run means for this one. */
async function resume(
  ports: IntakePorts,
  origin: Origin,
  { receipt, ageMs }: Extract<Claim, { won: false }>,
  again: boolean,
): Promise<Receipt | { state: 'busy'; retryAfterMs: number }> {
  if (receipt.state === 'quarantined' && again) return tryAgain(ports, origin, receipt.at ?? 0);
  if (receipt.state === 'done' || receipt.state === 'skipped' || receipt.state === 'quarantined') return receipt;
  if (receipt.state === 'created' && receipt.paused) return receipt;
  if (ageMs < graceMs) return { state: 'busy', retryAfterMs: graceMs - ageMs };
  if (!(await ports.receipts.takeOver(origin))) return { state: 'busy', retryAfterMs: graceMs };
  if (receipt.state === 'created') return receipt;
  return adoptOrCreate(ports, origin);
}

/**
 * Claims a message that was given up at `gaveUpAt`. One of any number of runs wins, once for each time that it was given up;
 * an older run that still holds the receipt of that time can't take it from the one that went on.
 */
async function tryAgain(
  ports: IntakePorts,
  origin: Origin,
  gaveUpAt: number,
): Promise<Receipt | { state: 'busy'; retryAfterMs: number }> {
  if (!(await ports.receipts.takeOver(`${origin}:again:${gaveUpAt}`))) return { state: 'busy', retryAfterMs: graceMs };
  refuseOutOfTime(ports);
  await ports.receipts.put(origin, { state: 'claimed' }, receiptDaysWhileKept);
  // It may have been given up after its issue was there.
  return adoptOrCreate(ports, origin);
}

async function adoptOrCreate(ports: IntakePorts, origin: Origin): Promise<Receipt> {
  const issueKey = await ports.issues.findByOrigin(origin);
  return issueKey === null ? { state: 'claimed' } : { state: 'created', issueKey, paused: false, noted: false };
}

/** A run that was held up past its time must not go on: its claim may have been taken over. */
function refuseOutOfTime(ports: IntakePorts): void {
  if (ports.remainingMs() > 0) return;
  throw new AppError('out-of-time', 'transient', 'The poll ran out of time. The next one goes on.');
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

/** Attaches what is missing, notes what Jira refused, and records that the message is done. */
async function finish(
  ports: IntakePorts,
  connection: Connection,
  download: Download,
  receipt: Receipt & { state: 'created' },
  attachments: readonly Attachment[],
  resumed: boolean,
): Promise<Taken> {
  const { origin } = download;
  const days = receiptDays(connection);
  try {
    await attachAll(ports, download, receipt, attachments, resumed, days);
  } catch (thrown) {
    const error = toAppError(thrown);
    // The issue was deleted meanwhile: somebody did not want it, and it is not made again.
    if (error.code !== 'issue-gone') {
      const paused = { ...receipt, paused: true };
      await ports.receipts
        .put(origin, paused, days)
        .catch((failure) => ports.log('warn', 'pause-not-noted', { origin, failure }));
      throw error;
    }
  }
  await ports.receipts.put(origin, { state: 'done', issueKey: receipt.issueKey }, days);
  return { outcome: 'done', issueKey: receipt.issueKey, knownSince: null };
}

async function attachAll(
  ports: IntakePorts,
  { origin, trace }: Download,
  receipt: Receipt & { state: 'created' },
  attachments: readonly Attachment[],
  resumed: boolean,
  days: number,
): Promise<void> {
  if (attachments.length === 0) return;
  const { issueKey } = receipt;
  const there = resumed ? await ports.issues.attachments(issueKey) : [];
  if (there === null) return;
  const refused: string[] = [];
  for (const attachment of attachments) {
    const isThere = there.some(
      (one) => one.fileName === attachment.fileName && one.size === attachment.content.byteLength,
    );
    if (isThere) continue;
    try {
      await ports.issues.attach(issueKey, attachment);
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.kind !== 'message' || error.code === 'issue-gone') throw error;
      refused.push(`${attachment.fileName}: ${error.message}`);
    }
  }
  trace.add({ step: 'attached', files: attachments.length - refused.length, refused: refused.length });
  if (refused.length === 0 || receipt.noted) return;
  // Noted first: a comment that is missing can be made good by a look at the mail, one that is there twice annoys.
  await ports.receipts.put(origin, { ...receipt, noted: true }, days);
  await ports.issues.comment(issueKey, `Not everything in this mail could be attached.\n${refused.join('\n')}`);
}

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

/** A receipt outlives its message: where mail stays in the mailbox, for as long as the platform keeps anything. */
function receiptDays(connection: Connection): number {
  return connection.settings.afterDownload === 'mark-read' ? receiptDaysWhileKept : receiptDaysAfterRemoval;
}
