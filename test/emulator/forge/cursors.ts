import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { KvsRefusal } from './kvs-values';

/** Opaque page cursors. They are good for this process only: an app that stores one finds out here. */
export interface Cursors {
  seal(position: unknown): string;
  /** @throws KvsRefusal 400 */
  open(cursor: string): unknown;
}

export function createCursors(): Cursors {
  const seal = randomUUID();
  const shape = z.object({ seal: z.literal(seal), position: z.unknown() });
  return {
    seal: (position) => Buffer.from(JSON.stringify({ seal, position })).toString('base64url'),
    open: (cursor) => {
      try {
        return shape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString())).position;
      } catch {
        throw new KvsRefusal(400, 'CURSOR_INVALID', 'The cursor is not valid.');
      }
    },
  };
}
