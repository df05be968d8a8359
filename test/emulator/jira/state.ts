import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock';
import { openJournal } from '../journal';
import type { JiraSettings } from './exchange';
import { findProject } from './site';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A node of the Atlassian Document Format. */
export interface AdfNode {
  type: string;
  attrs?: Record<string, Json>;
  content?: AdfNode[];
  marks?: { type: string; attrs?: Record<string, Json> }[];
  text?: string;
}

export interface CommentRecord {
  id: string;
  author: string;
  body: AdfNode;
  createdAt: number;
  updatedAt: number;
}

export interface AttachmentRecord {
  id: string;
  author: string;
  filename: string;
  mimeType: string;
  size: number;
  createdAt: number;
}

export interface IssueRecord {
  id: string;
  projectId: string;
  number: number;
  issueTypeId: string;
  summary: string;
  description: AdfNode | null;
  environment: AdfNode | null;
  priorityId: string;
  labels: string[];
  duedate: string | null;
  reporter: string;
  creator: string;
  assignee: string | null;
  properties: Record<string, Json>;
  comments: CommentRecord[];
  attachments: AttachmentRecord[];
  /** Epoch milliseconds. */
  createdAt: number;
  updatedAt: number;
}

type Entry =
  | { type: 'issue'; issue: IssueRecord }
  | { type: 'removed'; id: string }
  /** Numbers that were given away before the journal was compacted: none is ever given twice. */
  | { type: 'numbers'; ids: number; keys: Record<string, number> };

export interface JiraState {
  /** By id or key. */
  find(idOrKey: string): IssueRecord | undefined;
  /** In the order of creation. */
  all(): IssueRecord[];
  /** Issues as search knows them: changes show up only after the index has caught up. */
  indexed(): IssueRecord[];
  /** Their properties as the index of properties knows them, by id. */
  indexedProperties(): Map<string, IssueRecord['properties']>;
  save(issue: IssueRecord): void;
  remove(id: string): void;
  nextId(): string;
  nextNumber(projectId: string): number;
  putFile(id: string, bytes: Uint8Array): void;
  file(id: string): Uint8Array | undefined;
  close(): void;
}

export const issueKey = (issue: IssueRecord): string => `${findProject(issue.projectId)?.key ?? '?'}-${issue.number}`;

/**
 * @param directory null keeps everything in memory
 * @param lag how long search, and its index of properties, do not know of a change
 */
export function openState(
  directory: string | null,
  clock: Clock,
  lag: Pick<JiraSettings, 'searchLagMs' | 'propertyLagMs'>,
): JiraState {
  const journal = openJournal(directory === null ? null : join(directory, 'issues.jsonl'));
  const files = fileStore(directory === null ? null : join(directory, 'attachments'));
  const issues = new Map<string, IssueRecord>();
  const ids = new Map<string, string>();
  const index = laggingIndex(issues, clock, lag.searchLagMs);
  const propertyIndex = laggingIndex(issues, clock, lag.propertyLagMs);
  const append = (entry: Entry) => journal.append(entry);
  let lastId = 10_000;
  let lastNumbers: Record<string, number> = {};

  const note = (issue: IssueRecord) => {
    issues.set(issue.id, issue);
    ids.set(issueKey(issue), issue.id);
    lastNumbers[issue.projectId] = Math.max(lastNumbers[issue.projectId] ?? 0, issue.number);
    for (const { id } of [issue, ...issue.comments, ...issue.attachments]) lastId = Math.max(lastId, Number(id));
  };
  const forget = (id: string) => {
    const issue = issues.get(id);
    if (issue) ids.delete(issueKey(issue));
    issues.delete(id);
  };
  // The file is our own: each record is what was appended below.
  for (const entry of journal.records as readonly Entry[]) {
    if (entry.type === 'issue') note(entry.issue);
    else if (entry.type === 'removed') forget(entry.id);
    else {
      lastId = entry.ids;
      lastNumbers = entry.keys;
    }
  }
  if (journal.records.length > 2 * issues.size + 100) {
    journal.compact([
      { type: 'numbers', ids: lastId, keys: lastNumbers },
      ...[...issues.values()].map((issue): Entry => ({ type: 'issue', issue })),
    ]);
  }

  const delayIndexes = (id: string) => {
    index.delay(id);
    propertyIndex.delay(id);
  };

  return {
    find: (idOrKey) => issues.get(idOrKey) ?? issues.get(ids.get(idOrKey.toUpperCase()) ?? ''),
    all: () => [...issues.values()],
    indexed: index.known,
    indexedProperties: () => new Map(propertyIndex.known().map(({ id, properties }) => [id, properties])),
    save: (issue) => {
      delayIndexes(issue.id);
      append({ type: 'issue', issue });
      note(issue);
    },
    remove: (id) => {
      delayIndexes(id);
      append({ type: 'removed', id });
      for (const attachment of issues.get(id)?.attachments ?? []) files.remove(attachment.id);
      forget(id);
    },
    nextId: () => {
      lastId += 1;
      return String(lastId);
    },
    nextNumber: (projectId) => {
      const next = (lastNumbers[projectId] ?? 0) + 1;
      lastNumbers[projectId] = next;
      return next;
    },
    putFile: files.put,
    file: files.get,
    close: journal.close,
  };
}

/** An index over the issues that knows of each change only after its lag. */
function laggingIndex(issues: ReadonlyMap<string, IssueRecord>, clock: Clock, lagMs: number) {
  const pending = new Map<string, { before: IssueRecord | null; since: number }>();
  const catchUp = () => {
    for (const [id, { since }] of pending) if (clock.now() - since >= lagMs) pending.delete(id);
  };
  return {
    /** Before an issue changes. */
    delay: (id: string) => {
      catchUp();
      const late = pending.get(id);
      // What was not indexed yet stays so: a change to a new issue does not bring its first version into search.
      const before = late === undefined ? (issues.get(id) ?? null) : late.before;
      pending.set(id, { before, since: clock.now() });
    },
    known: (): IssueRecord[] => {
      catchUp();
      const known = [...issues.values()].map((issue) =>
        pending.has(issue.id) ? pending.get(issue.id)?.before : issue,
      );
      const removed = [...pending].filter(([id]) => !issues.has(id)).map(([, { before }]) => before);
      return [...known, ...removed].filter((issue) => issue !== null && issue !== undefined);
    },
  };
}

function fileStore(directory: string | null) {
  if (directory === null) {
    const files = new Map<string, Uint8Array>();
    return {
      put: (id: string, bytes: Uint8Array) => void files.set(id, bytes),
      get: (id: string) => files.get(id),
      remove: (id: string) => void files.delete(id),
    };
  }
  mkdirSync(directory, { recursive: true });
  return {
    put: (id: string, bytes: Uint8Array) => writeFileSync(join(directory, id), bytes),
    get: (id: string): Uint8Array | undefined =>
      existsSync(join(directory, id)) ? readFileSync(join(directory, id)) : undefined,
    remove: (id: string) => rmSync(join(directory, id), { force: true }),
  };
}
