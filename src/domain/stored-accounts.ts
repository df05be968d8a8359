/** A record that names an Atlassian account. */
export interface AccountRecord {
  id: string;
  accountId: string;
  /** Epoch milliseconds since when it does. */
  at: number;
}

/** Records of one kind that name Atlassian accounts, for the report of personal data. */
export interface StoredAccounts {
  /** Some of them, and where the others begin; `next` is null at the end. @param from null: the beginning */
  page(from: string | null): Promise<{ records: AccountRecord[]; next: string | null }>;
  /** Takes the account out of a record, unless that says something else by now. The record itself stays. */
  erase(record: AccountRecord): Promise<void>;
}

/** When the accounts were reported last (epoch milliseconds); null: never. */
export interface ReportTime {
  get(): Promise<number | null>;
  put(at: number): Promise<void>;
}
