import {
  type Estimate,
  type Preview,
  previewSize,
  type Start,
  startUnavailable,
  unavailableStart,
} from '../../domain/start';
import { previewFrom } from '../preview';
import { pop3Limits } from './limits';
import { firstNumbers, quickOf } from './listing';
import { formatPosition, remember } from './position';
import { receivedAt } from './received';
import type { Session } from './session';
import { headersOf, readHeaders, type Snapshot, sizesOf, takeSnapshot } from './snapshot';

/** What is in the mailbox, and which of it a start point means. */
interface Choice {
  snapshot: Snapshot;
  /** One for each message. */
  wanted: boolean[];
  /** Messages that count as wanted since nothing tells when they came. */
  undated: number;
}

const noReadMarks =
  'POP3 does not tell which mail is unread. Choose a date instead, or connect this mailbox by IMAP if its server has that.';
const tooMany = (count: number) =>
  `By POP3, dates can be looked up for ${pop3Limits.datedByHeader.toLocaleString('en')} messages at most; this mailbox ` +
  `holds ${count.toLocaleString('en')}. Begin with mail from now on, or connect the mailbox by IMAP.`;
const noHeaders =
  'The mail server does not show headers by themselves (TOP), so that dates can not be looked up. Begin with mail from now on.';
const undatedMail = (count: number) =>
  `${count === 1 ? 'One message does' : `${count} messages do`} not tell when the server received them. They count as newer, so that none is missed.`;

/** How many messages a start point means. */
export async function estimateStart(session: Session, start: Start): Promise<Estimate> {
  const choice = await choose(session, start);
  if (typeof choice === 'string') return unavailableStart(choice);
  const { snapshot, wanted, undated } = choice;
  const handles = snapshot.handles.filter((_, index) => wanted[index]);
  return {
    count: handles.length,
    confidence: undated === 0 ? 'exact' : 'estimate',
    reason: undated === 0 ? null : undatedMail(undated),
    available: true,
    first: handles.slice(0, previewSize),
  };
}

/** The position to begin from: what is not wanted counts as listed. @throws AppError `start-unavailable` */
export async function beginAt(session: Session, start: Start): Promise<string | null> {
  if (start.from === 'everything') return null;
  const choice = await choose(session, start);
  if (typeof choice === 'string') throw startUnavailable(choice);
  const { snapshot, wanted } = choice;
  const { handles } = snapshot;
  const sizes = await sizesOf(session, firstNumbers(handles));
  const witness = firstNumbers(handles).map((number) => sizes.get(number) ?? 0);
  const seen = wanted.map((one) => !one);
  const quick = quickOf(snapshot, seen.includes(false));
  return formatPosition(remember(handles, seen, { quick, witness, catchingUp: false }));
}

/** @returns a text that says why the start can't be had */
async function choose(session: Session, start: Start): Promise<Choice | string> {
  if (start.from === 'unread') return noReadMarks;
  const snapshot = await takeSnapshot(session);
  const { handles } = snapshot;
  if (start.from !== 'since') {
    return { snapshot, wanted: handles.map(() => start.from === 'everything'), undated: 0 };
  }
  if (handles.length > pop3Limits.datedByHeader) return tooMany(handles.length);
  const numbers = handles.map((_, index) => index + 1);
  const dates = await readHeaders(session, numbers, receivedAt);
  if (dates.size === 0 && handles.length > 0) return noHeaders;
  const times = numbers.map((number) => dates.get(number) ?? null);
  return {
    snapshot,
    wanted: times.map((time) => time === null || time >= start.since),
    undated: times.filter((time) => time === null).length,
  };
}

/** What is shown of messages, by their headers. */
export async function previewOf(session: Session, handles: readonly string[]): Promise<Preview[]> {
  const { numbers } = await takeSnapshot(session);
  const wanted = handles.flatMap((handle) => {
    const number = numbers.get(handle);
    return number === undefined ? [] : [{ handle, number }];
  });
  const headers = await headersOf(
    session,
    wanted.map(({ number }) => number),
  );
  return Promise.all(
    wanted.flatMap(({ handle, number }) => {
      const header = headers.get(number);
      return header === undefined ? [] : [previewFrom(handle, receivedAt(header), Buffer.from(header, 'latin1'))];
    }),
  );
}
