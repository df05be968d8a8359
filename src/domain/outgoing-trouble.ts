/** Why nothing goes out through a connection: its first failed send since one that worked. */
export interface OutgoingTrouble {
  code: string;
  /** What happened, why, and what to do. */
  message: string;
  /** Epoch milliseconds. */
  since: number;
}

export interface OutgoingTroubles {
  get(connectionId: string): Promise<OutgoingTrouble | null>;
  /** Those of these connections that have any. */
  getMany(connectionIds: readonly string[]): Promise<Map<string, OutgoingTrouble>>;
  put(connectionId: string, trouble: OutgoingTrouble): Promise<void>;
  remove(connectionId: string): Promise<void>;
}
