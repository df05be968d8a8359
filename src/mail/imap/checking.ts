import { TLSSocket } from 'node:tls';
import type { ImapFlow, StatusObject } from 'imapflow';
import { type AppError, toAppError } from '../../domain/app-error';
import { type CheckReport, type CheckStep, type CheckStepName, checkSteps } from '../../domain/ports';
import { countText } from '../count-text';
import type { StepObserver } from './connect';
import { serverWords } from './errors';
import { serverPath } from './folder-names';
import { trySearch } from './searching';
import type { Session } from './session';
import type { ImapSettings } from './settings';
import { countUids, largestUid } from './uid-sets';

/** Walks the steps to the mailbox with a new session, and times them. */
export async function checkMailbox(
  settings: ImapSettings,
  open: (observe: StepObserver) => Promise<Session>,
): Promise<CheckReport> {
  const took = new Map<CheckStepName, number>();
  const found = new Map<CheckStepName, string>();
  let startedAt = performance.now();
  const finish = (step: CheckStepName, tookMs = performance.now() - startedAt) => {
    took.set(step, tookMs);
    startedAt = performance.now();
  };
  try {
    const session = await open((step, tookMs) => finish(step, tookMs));
    found.set('tls', describeTls(session.client));
    const folder = await session.select();
    finish('folder');
    found.set(
      'folder',
      `${settings.folder || 'INBOX'} is open${folder.readOnly === true ? ', but read-only: mail cannot be marked, deleted or moved' : ''}.`,
    );
    const counts = await countMessages(session, settings);
    finish('count');
    found.set('count', countText(counts));
    return { ok: true, steps: passed(settings, took, found), messages: counts };
  } catch (thrown) {
    const steps = passed(settings, took, found);
    return {
      ok: false,
      steps: [...steps, failed(toAppError(thrown), steps.length, performance.now() - startedAt)],
      messages: null,
    };
  }
}

function passed(
  settings: ImapSettings,
  took: Map<CheckStepName, number>,
  found: Map<CheckStepName, string>,
): CheckStep[] {
  const texts: Record<CheckStepName, string> = {
    lookup: `The name ${settings.host} was found.`,
    connect: `Connected to port ${settings.port}.`,
    tls: 'The connection is encrypted.',
    'sign-in': `Signed in as ${settings.username}.`,
    folder: '',
    count: '',
  };
  return checkSteps.flatMap((step) => {
    const ms = took.get(step);
    return ms === undefined
      ? []
      : [{ step, ok: true, took: Math.round(ms), message: found.get(step) || texts[step], detail: null }];
  });
}

function failed(error: AppError, passedSteps: number, tookMs: number): CheckStep {
  const step = checkSteps.find((name) => name === error.step) ?? checkSteps[passedSteps] ?? 'count';
  return { step, ok: false, took: Math.round(tookMs), message: error.message, detail: error.detail ?? null };
}

/** Such as "TLSv1.3, imap.example.com, valid until 2027-01-31"; empty without TLS. */
function describeTls(client: ImapFlow): string {
  const socket: unknown = Reflect.get(client, 'socket');
  if (!(socket instanceof TLSSocket)) return '';
  const { subject, valid_to: until } = socket.getPeerCertificate();
  const expiry = new Date(until);
  const day = Number.isNaN(expiry.getTime()) ? 'unknown' : expiry.toISOString().slice(0, 10);
  return `${socket.getProtocol() ?? 'TLS'}, ${serverWords(subject?.CN) ?? 'no name'}, valid until ${day}`;
}

async function countMessages(
  session: Session,
  settings: ImapSettings,
): Promise<{ total: number; unread: number | null }> {
  const { messages = (await session.select()).exists, unseen, uidNext } = await statusOf(session, settings);
  // Mail that somebody is deleting is not taken.
  const all = { from: 1, to: Math.max(1, (uidNext ?? largestUid) - 1) };
  const kept = messages === 0 ? [] : await trySearch(session, all, { deleted: false });
  const total = kept === null ? messages : Math.min(messages, countUids(kept));
  if (unseen === undefined || total === messages) return { total, unread: unseen ?? null };
  const unread = await trySearch(session, all, { deleted: false, seen: false });
  return { total, unread: unread === null ? null : countUids(unread) };
}

/** Counts of the folder, and its next UID, as far as the server tells. */
export async function statusOf(session: Session, settings: ImapSettings): Promise<Partial<StatusObject>> {
  const query = { messages: true, unseen: true, uidNext: true };
  const status = await session.wait('count', session.client.status(serverPath(session.client, settings.folder), query));
  return status === false ? {} : status;
}
