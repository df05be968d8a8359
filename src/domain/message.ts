export interface Address {
  /** Display name; empty if there is none. */
  name: string;
  /** Lower-case only in the domain; empty for a group without members. */
  address: string;
}

export interface Attachment {
  /** Safe for people and systems: no path, no control or bidirectional characters, at most 200 characters, unique in its message. */
  fileName: string;
  mimeType: string;
  content: Uint8Array;
  /** Without angle brackets; null if the part has none. */
  contentId: string | null;
  /** Shown inside the HTML body rather than beside it. */
  inline: boolean;
}

/** A mail as the rest of Letterbox sees it. Every limit of `messageLimits` holds. */
export interface Message {
  messageId: string | null;
  inReplyTo: string | null;
  references: string[];
  subject: string;
  from: Address | null;
  replyTo: Address[];
  to: Address[];
  cc: Address[];
  /** Epoch milliseconds of the Date header; null if missing or not a date. */
  date: number | null;
  html: string | null;
  text: string | null;
  attachments: Attachment[];
  /** Lower-case names, in the order of the message. */
  headers: { name: string; value: string }[];
  /** Set when the message could only be read in part; says why in plain words. The raw mail is then attached to the issue. */
  defect: string | null;
}
