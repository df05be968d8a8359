import * as z from 'zod';
import { type ConnectionState, connectionSettings } from '../domain/connection';
import type { Quarantined, Trouble } from '../domain/cursor';
import { type CheckReport, type Estimate, type Folder, startPoints } from '../domain/ports';

/**
 * What the pages may call: the name of each function, the schema of its payload and the type of its value. The page and
 * the resolvers share it, so that neither can drift from the other.
 */

const id = z.string().min(1).max(64);
const version = z.number().int().min(1);
/** Absent or empty: keep the stored one. */
const password = z.string().max(10_000).optional();

/** The settings of a form that may not have been saved; `id` names the connection whose stored password fills an empty one. */
const draft = z.strictObject({ id: id.optional(), settings: connectionSettings, password });

export const payloads = {
  'connections.list': z.strictObject({}),
  'connections.get': z.strictObject({ id }),
  'connections.create': z.strictObject({
    settings: connectionSettings,
    password: z.string().min(1, 'Enter the password.').max(10_000),
  }),
  /** Replaces the settings. An enabled connection whose mailbox changed is tested, and disabled when the test fails. */
  'connections.update': z.strictObject({ id, version, settings: connectionSettings, password }),
  'connections.duplicate': z.strictObject({ id }),
  'connections.delete': z.strictObject({ id, version }),
  'connections.test': draft,
  'connections.folders': draft,
  'connections.estimate': z.strictObject({ id, start: z.enum(startPoints) }),
  /** `continue`: where it stopped; the other start points begin anew. */
  'connections.enable': z.strictObject({ id, version, start: z.enum(['continue', ...startPoints]) }),
  'connections.disable': z.strictObject({ id, version }),
  'connections.poll': z.strictObject({ id }),
  'jira.projects': z.strictObject({ query: z.string().max(100) }),
  'jira.issueTypes': z.strictObject({ projectId: z.string().min(1).max(50) }),
} as const;

export type FunctionName = keyof typeof payloads;
/** What the page sends. */
export type Payload<K extends FunctionName> = z.input<(typeof payloads)[K]>;

/** `polling` green, `disabled` grey, `warning` amber, `failing` and `suspended` red. */
export type ConnectionStatus = 'polling' | 'disabled' | 'warning' | 'failing' | 'suspended';

export interface ConnectionView {
  id: string;
  version: number;
  state: ConnectionState;
  status: ConnectionStatus;
  settings: z.output<typeof connectionSettings>;
  /** Epoch milliseconds; null before the first poll. An idle poll is noted every few minutes only. */
  polledAt: number | null;
  /** Messages that were listed and are not finished. */
  waiting: number;
  /** Messages that were given up; they are still in the mailbox. */
  quarantined: Quarantined[];
  /** Why mail that was taken could not be marked, moved or deleted. */
  warning: string | null;
  /** Why the status is not green. */
  trouble: Trouble | null;
  /** It was polled before: enabling it can go on where it stopped. */
  canContinue: boolean;
}

export interface NamedItem {
  id: string;
  name: string;
}
export interface ProjectItem extends NamedItem {
  key: string;
}

export interface Values {
  'connections.list': ConnectionView[];
  'connections.get': ConnectionView;
  'connections.create': ConnectionView;
  /** `report` is there when the mailbox had to be tested; not ok means that the connection was disabled. */
  'connections.update': { connection: ConnectionView; report: CheckReport | null };
  'connections.duplicate': ConnectionView;
  'connections.delete': null;
  'connections.test': CheckReport;
  'connections.folders': Folder[];
  'connections.estimate': Estimate;
  'connections.enable': ConnectionView;
  'connections.disable': ConnectionView;
  /** The poll is queued; the list shows when it has run. */
  'connections.poll': null;
  'jira.projects': ProjectItem[];
  'jira.issueTypes': NamedItem[];
}

/** The one envelope. `field` names the form field as a path (`settings.host`). */
export type Result<T> =
  | { ok: true; value: T }
  | {
      ok: false;
      error: {
        code: string;
        kind: string;
        message: string;
        /** Field path → what is wrong with it. */
        fields?: Record<string, string>;
        step?: string;
        detail?: string;
      };
    };
