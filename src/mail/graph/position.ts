import { createHash } from 'node:crypto';
import * as z from 'zod';

/** A place in the order (received, id); messages up to it are listed. */
const markSchema = z.strictObject({ received: z.string(), id: z.string() });
export type Mark = z.infer<typeof markSchema>;

/** Mail of the folder that is wanted: what was received since then, but for these messages, which were there (hashes of ids). */
const startSchema = z.strictObject({
  received: z.string(),
  known: z.array(z.string()).max(1_000),
  /** And what was unread when the connection began: the oldest date among it, and hashes of ids with blanks between. */
  unread: z.strictObject({ received: z.string(), ids: z.string() }).optional(),
});
export type Start = z.infer<typeof startSchema>;

/**
 * Three phases, each of which may take several listings:
 * - `sweep`: the delta link is fetched, which means paging through the folder once. Nothing is listed.
 * - `backlog`: what was in the folder then is listed by date, oldest first.
 * - `follow`: the delta link tells what came in since.
 */
const positionSchema = z.discriminatedUnion('phase', [
  z.strictObject({
    phase: z.literal('sweep'),
    folder: z.string(),
    start: startSchema.nullable(),
    /** Path of the page to go on with; null: the first one. */
    next: z.string().nullable(),
    /** The newest date seen so far; empty: none. */
    newest: z.string(),
  }),
  z.strictObject({
    phase: z.literal('backlog'),
    folder: z.string(),
    start: startSchema.nullable(),
    link: z.string(),
    at: z.number(),
    until: z.string(),
    mark: markSchema.nullable(),
  }),
  z.strictObject({
    phase: z.literal('follow'),
    folder: z.string(),
    /** Path of the delta link, or of a page of the round. */
    link: z.string(),
    /** Epoch milliseconds at which Graph gave us the link. */
    at: z.number(),
    /** Set while a round is too long for one listing: how far it is listed, and the link that comes after it. */
    round: z.strictObject({ mark: markSchema, end: z.string() }).optional(),
  }),
]);
export type Position = z.infer<typeof positionSchema>;
export type Sweep = Extract<Position, { phase: 'sweep' }>;
export type BacklogPosition = Extract<Position, { phase: 'backlog' }>;
export type Follow = Extract<Position, { phase: 'follow' }>;

/** Null for what is not a position of ours: the folder is then listed from its beginning. */
export function readPosition(text: string): Position | null {
  try {
    return positionSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

export function writePosition(position: Position): string {
  return JSON.stringify(position);
}

/** The position that a connection begins with. @param start null: with everything */
export function sweepOf(folder: string, start: Start | null): Sweep {
  return { phase: 'sweep', folder, start, next: null, newest: '' };
}

/** Graph's ids have about 150 characters; of many only a hash is kept. */
export function shortId(id: string): string {
  return createHash('sha256').update(id).digest('base64url').slice(0, 12);
}
