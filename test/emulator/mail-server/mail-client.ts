import assert from 'node:assert/strict';
import { type FetchMessageObject, ImapFlow } from 'imapflow';
import { type MailServer, mailPassword } from './mail-server';

/** For tests: the mail server as a real IMAP client sees it. */

export const user = 'support@letterbox.test';
export const anyPorts = { smtp: 0, imap: 0, imaps: 0 };
export const rangeEnd = '4294967295';

export async function connect(
  mail: MailServer,
  encryption: 'tls' | 'starttls' | 'none' = 'tls',
  pass = mailPassword,
): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: encryption === 'tls' ? 'localhost' : '127.0.0.1',
    port: encryption === 'tls' ? mail.ports.imaps : mail.ports.imap,
    secure: encryption === 'tls',
    doSTARTTLS: encryption === 'starttls',
    tls: { ca: mail.ca },
    auth: { user, pass },
    logger: false,
  });
  client.on('error', () => {});
  await client.connect();
  return client;
}

export const raw = (subject: string, body = 'Hello') =>
  Buffer.from(
    `From: Ada <ada@example.test>\r\nTo: ${user}\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@example.test>\r\n\r\n${body}\r\n`,
  );

export function deliver(mail: MailServer, ...subjects: string[]): void {
  for (const subject of subjects) mail.deliver({ from: 'ada@example.test', recipients: [user], raw: raw(subject) });
}

export async function statusOf(client: ImapFlow, path: string) {
  const status = await client.status(path, { messages: true, unseen: true, uidNext: true, uidValidity: true });
  assert.ok(status);
  return status;
}

export async function fetched(
  client: ImapFlow,
  range: string,
  query: Parameters<ImapFlow['fetch']>[1],
): Promise<FetchMessageObject[]> {
  const messages: FetchMessageObject[] = [];
  for await (const message of client.fetch(range, query, { uid: true })) messages.push(message);
  return messages;
}
