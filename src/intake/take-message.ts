import { AppError } from '../domain/app-error';
import type { Connection } from '../domain/connection';
import type { Waiting } from '../domain/cursor';
import {
  claimMarginMs,
  givenUpMarginMs,
  graceMs,
  pollLimits,
  receiptDaysAfterRemoval,
  receiptDaysWhileKept,
  switchMarginMs,
} from '../domain/limits';
import type { Created, Known, Origin, Receipt } from '../domain/receipt';
import { complete, deliver, refuseOutOfTime, type Taken } from './deliver';
import type { Download } from './download';
import type { IntakePorts } from './intake-ports';

/**
 * Turns one raw message into exactly one issue, however often it is called with it and wherever it was killed before. What is
 * known of it is asked first: nothing is parsed or asked of Jira for what is done.
 * `done` means that the issue, its attachments and the receipt are recorded: the message may leave the mailbox.
 * @throws AppError: `message` concerns this message only, the other kinds everything behind it too. With `uncertain` the
 * issue may exist all the same, and only a look after `graceMs` can tell.
 * @param isUnknown the store was just asked, and knows nothing of it
 */
export async function takeMessage(
  ports: IntakePorts,
  connection: Connection,
  download: Download,
  item: Waiting,
  isUnknown: boolean,
): Promise<Taken> {
  const { origin, trace } = download;
  const known = isUnknown ? null : await ports.receipts.get(origin);
  if (known !== null) return goOn(ports, connection, download, item, known);
  const issueKey = await takenBefore(ports, connection, download, item);
  if (issueKey !== null) return adoptTaken(ports, download, item, issueKey);
  const claim = await ports.receipts.claim(origin);
  if (!claim.won) return goOn(ports, connection, download, item, claim);
  trace.add({ step: 'claimed', takenOver: false });
  return deliver(ports, connection, download);
}

/** The receipts among these that are written anew, since their messages are still there: those that end too soon. */
export function endingSoon(known: ReadonlyMap<Origin, Known>, now: number): Map<Origin, Receipt> {
  const ending = [...known].filter(([, { notedAt, endsAt }]) => {
    const end = endsAt ?? notedAt + receiptDaysWhileKept * dayMs;
    return end - now < (receiptDaysWhileKept - receiptDaysAfterRemoval) * dayMs;
  });
  return new Map(ending.map(([origin, { receipt }]) => [origin, receipt]));
}

const dayMs = 86_400_000;

/** What a receipt of an earlier run means for this one. */
async function goOn(
  ports: IntakePorts,
  connection: Connection,
  download: Download,
  item: Waiting,
  known: Known,
): Promise<Taken> {
  const { origin, trace } = download;
  const { receipt, ageMs, notedAt: knownSince } = known;
  const isAskedFor = receipt.state === 'quarantined' && item.again === true;
  switch (receipt.state) {
    case 'done':
      await renew(ports, origin, known);
      return { outcome: 'done', issueKey: receipt.issueKey, knownSince };
    case 'skipped':
    case 'quarantined': {
      if (isAskedFor) break;
      await renew(ports, origin, known);
      const { state, code, reason } = receipt;
      return { outcome: state, code, reason, knownSince };
    }
    case 'created':
      if (receipt.paused) return complete(ports, connection, download, receipt);
  }
  if (!isAskedFor && ageMs < graceMs) return { outcome: 'claimed', retryAfterMs: graceMs - ageMs };
  // One of any number of runs wins, once for each time that it was given up; an older run that still holds the receipt of that
  // time can't take it from the one that went on.
  const turn = receipt.state === 'quarantined' ? `${origin}:again:${receipt.at ?? 0}` : origin;
  if (!(await ports.receipts.takeOver(turn))) return { outcome: 'claimed', retryAfterMs: graceMs };
  const created = await madeBefore(ports, connection, origin, known, item);
  if (created !== null) return complete(ports, connection, download, created);
  trace.add({ step: 'claimed', takenOver: true });
  return deliver(ports, connection, download);
}

async function renew(ports: IntakePorts, origin: Origin, known: Known): Promise<void> {
  const ending = endingSoon(new Map([[origin, known]]), ports.now());
  if (ending.size > 0) await ports.receipts.putMany(ending);
}

/** The issue that an earlier run made; null if there is none as far as can be told, and it is this run's to make. */
async function madeBefore(
  ports: IntakePorts,
  connection: Connection,
  origin: Origin,
  known: Known,
  { lost = 0 }: Waiting,
): Promise<Created | null> {
  const { receipt } = known;
  if (receipt.state === 'created') return receipt;
  if (receipt.state === 'quarantined') {
    refuseOutOfTime(ports);
    // It may have been given up after its issue was there.
    const created = receipt.issue === undefined ? null : { ...createdAs(receipt.issue.issueKey), ...receipt.issue };
    await ports.receipts.put(origin, created ?? { state: 'claimed' });
    if (created !== null) return created;
  }
  const { projectId } = connection.settings.target;
  const issueKey = await ports.issues.findByOrigin(origin, { projectId, since: triedSince(known, ports.now()) });
  if (issueKey !== null) return createdAs(issueKey);
  const isAsked = receipt.state === 'quarantined';
  if (isAsked || lost < pollLimits.lostAnswers) return null;
  if (await ports.issues.showsOthers(projectId, origin)) return null;
  throw new AppError(
    'issue-untraceable',
    'message',
    `Jira was asked ${lost} times to make an issue of this mail, and each time the answer got lost. Search shows Letterbox no issue of its own in this project, so it can't tell whether there is one already. Look into the project: if there is no such issue, reprocess this mail; if there is, let Letterbox see the issues of the project.`,
  );
}

/** When the first try may have been that made an issue (epoch milliseconds). */
const triedSince = ({ receipt, ageMs, notedAt }: Known, now: number): number =>
  receipt.state === 'quarantined' ? (receipt.at ?? notedAt) - givenUpMarginMs : now - ageMs - claimMarginMs;

const createdAs = (issueKey: string): Created => ({ state: 'created', issueKey, paused: false, noted: false });

/** The issue of a message that was taken so long ago, or from another provider, that no receipt tells of it. */
async function takenBefore(
  ports: IntakePorts,
  { id: connectionId, settings }: Connection,
  download: Download,
  { lookFor }: Waiting,
): Promise<string | null> {
  if (lookFor === undefined) return null;
  if (lookFor.by === 'origin') return ports.issues.findByOrigin(download.origin);
  const { messageId } = await download.read();
  if (messageId === null) return null;
  // Its issue was made between its arrival and the end of the last run that the other provider had.
  const between = { from: lookFor.near - 2 * switchMarginMs, to: lookFor.near + switchMarginMs };
  const { projectId } = settings.target;
  return ports.issues.findByMessageId(messageId, { connectionId, projectId, between });
}

/** Records what is known from Jira alone. When it was taken nobody can tell; it was long ago. */
async function adoptTaken(
  ports: IntakePorts,
  { origin, trace }: Download,
  { entryId }: Waiting,
  issueKey: string,
): Promise<Taken> {
  trace.add({ step: 'adopted', issueKey });
  await ports.receipts.put(origin, { state: 'done', issueKey });
  // Only where the log says that it waits, it has to be told that it does not any more.
  return { outcome: 'done', issueKey, knownSince: entryId === undefined ? 0 : null };
}
