import { randomUUID } from 'node:crypto';
import type { Activity } from '../domain/activity-port';
import type { Log } from '../domain/ports';
import { cutText, singleLine } from '../domain/text';
import type { Caller } from './define';

/** What somebody did to something that has a name. Never holds a secret, or what was entered for one. */
export interface Change {
  /** "Connection", "OAuth2 credential". */
  noun: string;
  id: string;
  name: string;
  /** "enabled", "changed (host, password)". */
  what: string;
}

/** Notes who changed what (RELIABILITY: security 12). Never throws: the change is made already. */
export type Audit = (change: Change, caller: Caller) => Promise<void>;

export interface AuditPorts {
  activity: Activity;
  log: Log;
  /** Epoch milliseconds. */
  now(): number;
}

const mostChars = 400;

/** Keeps changes in the activity log, among the mail that they concern. */
export function auditLog({ activity, log, now }: AuditPorts): Audit {
  return async ({ noun, id, name, what }, { accountId }) => {
    log('info', 'changed', { noun, id, name, what, accountId });
    const subject = cutText(singleLine(`${noun} “${name}” ${what}`), mostChars);
    const untold = { from: null, messageId: null, issueKey: null, code: null, reason: null, size: null, tookMs: 0 };
    const place = { connectionId: id, mailbox: '', handle: '' };
    const entry = { ...untold, ...place, id: `change:${randomUUID()}`, at: now(), result: 'changed', subject } as const;
    try {
      await activity.record([{ ...entry, by: accountId }]);
    } catch (failure) {
      log('warn', 'change-not-noted', { noun, id, failure });
    }
  };
}

/** "changed (host, password)": which fields differ, by name only; what was entered for a secret is told apart. */
export function whatChanged(before: object, after: object, entered: Record<string, boolean> = {}): string {
  const differ = (key: string) => JSON.stringify(Reflect.get(before, key)) !== JSON.stringify(Reflect.get(after, key));
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(differ);
  const secrets = Object.keys(entered).filter((key) => entered[key]);
  const all = [...fields, ...secrets];
  return all.length === 0 ? 'saved without a change' : `changed (${all.join(', ')})`;
}
