import * as z from 'zod';
import { AppError } from './app-error';

/** Where the first poll of a connection begins. */
export const startPoints = ['now', 'unread', 'since', 'everything'] as const;
export type StartPoint = (typeof startPoints)[number];

/** A start point as pages, resolvers and gateway name it; `since` in epoch milliseconds: mail received then or later. */
export const startSchemas = [
  z.strictObject({ from: z.enum(['now', 'unread', 'everything']) }),
  z.strictObject({ from: z.literal('since'), since: z.number().int().min(0).max(8.64e15) }),
] as const;
export const startSchema = z.discriminatedUnion('from', startSchemas);
export type Start = z.output<typeof startSchema>;

/** Messages that are shown before a connection is enabled. */
export const previewSize = 10;

/** How much mail a start point means right now. */
export interface Estimate {
  /** Messages that the first polls would take; null if the server can't tell. */
  count: number | null;
  confidence: 'exact' | 'estimate' | 'unknown';
  /** Why the count is not exact, or why this start can't be had; for people. */
  reason: string | null;
  /** False where `begin` refuses this start with `start-unavailable`. */
  available: boolean;
  /** Messages that somebody is deleting, where the server tells: left out of the count, and still in the folder. */
  deleted?: number | undefined;
  /** Handles of the first messages that it would take, oldest first, at most `previewSize`. */
  first: string[];
}

/** What a start point means for a connection that may have taken some of the mail before: `count` is what is new. */
export interface StartEstimate extends Estimate {
  /** Messages in the mailbox that it reaches, known ones too; null if the server can't tell. */
  reached: number | null;
  /** ... of which so many were taken before: they become no second issue, but are marked, moved or deleted once more. */
  taken: number;
  /** ... and so many were skipped or given up before, and stay as they are. */
  left: number;
  /** Messages in the mailbox that will be marked, moved or deleted; null if the server can't tell. */
  settled: number | null;
}

/** What is shown of a message before it is taken. */
export interface Preview {
  handle: string;
  /** Epoch milliseconds; null if the server does not tell. */
  receivedAt: number | null;
  /** Decoded, one line each, cut, not to be trusted. */
  from: string;
  subject: string;
}

/** What an adapter's `estimate` answers for a start that its `begin` refuses. */
export const unavailableStart = (reason: string): Estimate => ({
  count: null,
  confidence: 'unknown',
  reason,
  available: false,
  first: [],
});

/** What `begin` throws for it. */
export const startUnavailable = (reason: string): AppError => new AppError('start-unavailable', 'input', reason);
