import type { Connection } from '../domain/connection';
import { messageLimits } from '../domain/limits';
import type { Message } from '../domain/message';
import type { IssueDraft } from '../domain/ports';
import type { Origin } from '../domain/receipt';
import { cutText, singleLine } from '../domain/text';

/** What an issue is made of a message. */
export function issueDraft(message: Message, connection: Connection, origin: Origin): IssueDraft {
  const { from, date, html, text, messageId, defect } = message;
  return {
    projectId: connection.settings.target.projectId,
    issueTypeId: connection.settings.target.issueTypeId,
    summary: summaryOf(message.subject),
    sender: from === null ? null : { ...from, date },
    html,
    text,
    notice: defect === null ? null : `This mail could only be read in part. ${defect} The original mail is attached.`,
    origin,
    messageId,
    connectionId: connection.id,
  };
}

/** Jira refuses a summary that is empty, has line breaks, or is longer than its limit. */
function summaryOf(subject: string): string {
  return cutText(singleLine(subject), messageLimits.subjectChars).trimEnd() || '(no subject)';
}
