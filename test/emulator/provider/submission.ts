/** A mail as a provider takes it over its API: recipients stand in the header. */
export interface SubmittedMail {
  envelope: { from: string; to: string[] };
  /** As it goes out: without Bcc, and with what the provider adds. */
  raw: Buffer;
}

export interface Submission {
  from: string;
  recipients: string[];
  /** The first recipient field whose value is no list of addresses. */
  invalidField: string | null;
  /** The mail without its Bcc field. */
  raw: Buffer;
}

/** Reads whom a mail is for, and takes Bcc out of it. Null if it has no header. */
export function readSubmission(mail: Buffer): Submission | null {
  const end = mail.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const header = mail.toString('utf8', 0, end + 2);
  const fields = header.match(/^[\x21-\x39\x3b-\x7e]+:.*\r\n(?:[ \t].*\r\n)*/gm) ?? [];
  if (fields.length === 0 || fields.join('') !== header) return null;
  const valuesOf = (name: string) =>
    fields
      .filter((field) => field.toLowerCase().startsWith(`${name}:`))
      .map((field) => field.slice(name.length + 1).replace(/\r\n[ \t]*/g, ' '));
  const lists = ['to', 'cc', 'bcc'].map((name) => ({ name, entries: valuesOf(name).flatMap(splitList) }));
  const invalid = lists.find(({ entries }) => entries.some((entry) => addressOf(entry) === null));
  return {
    from: addressOf(valuesOf('from')[0] ?? '') ?? '',
    recipients: lists.flatMap(({ entries }) => entries.flatMap((entry) => addressOf(entry) ?? [])),
    invalidField: invalid?.name ?? null,
    raw: Buffer.concat([Buffer.from(fields.filter((field) => !/^bcc:/i.test(field)).join('')), mail.subarray(end + 2)]),
  };
}

/** Entries of an address list; a comma in quotes ends none. */
const splitList = (value: string): string[] =>
  (value.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? []).map((entry) => entry.trim()).filter((entry) => entry !== '');

const addressOf = (entry: string): string | null => {
  const bare = /<([^<>]*)>\s*$/.exec(entry)?.[1] ?? entry.trim();
  return /^[^\s@<>"]+@[^\s@<>"]+$/.test(bare) ? bare : null;
};
