import * as z from 'zod';

/**
 * A span of time that is still to be listed: seconds since 1970, `from` included, `to` not; null is open. Gmail lists newest
 * first only, so the oldest mail of a large mailbox is reached by halving time until a span fits on one page.
 */
const windowSchema = z.tuple([z.number().int(), z.number().int().nullable()]);
export type TimeWindow = z.infer<typeof windowSchema>;

const positionSchema = z.strictObject({
  /** Id of the label that is read. */
  label: z.string(),
  /** Everything up to this history id is listed, but for the windows below. */
  history: z.string().regex(/^\d+$/),
  /** Epoch milliseconds at which Gmail named `history`. */
  at: z.number(),
  /** What the mailbox held before `history` and is not listed yet; the oldest is last. */
  windows: z.array(windowSchema).max(100).optional(),
  /** Epoch milliseconds: what Gmail received before is left out, though a window's first second may hold it. */
  since: z.number().optional(),
  /** Ids of unread mail that the connection began with and that is not listed yet, oldest first, with blanks between. */
  unread: z.string().optional(),
  /** Messages listed last of the oldest window, oldest first. One alone in positions of earlier versions. */
  after: z.union([z.array(z.string()).max(1_000), z.string().transform((id) => [id])]).optional(),
  /** Messages at the oldest window's beginning that the window before it has listed. */
  overlap: z.array(z.string()).max(2_000).optional(),
  /** Messages at its end, listed so far: the overlap of the window after it. */
  edge: z.array(z.string()).max(2_000).optional(),
  /** A history record of which only the messages up to `id` are listed; it comes next after `history`. */
  within: z.strictObject({ record: z.string(), id: z.string() }).optional(),
});
export type Position = z.infer<typeof positionSchema>;

/** Null for what is not a position of ours: the mailbox is then listed from its beginning. */
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
