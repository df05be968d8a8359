import type { Message } from '../../src/domain/message';
import type { IssueDraft } from '../../src/domain/ports';

export const emptyDraft: IssueDraft = {
  projectId: '10000',
  issueTypeId: '10001',
  summary: 'Printer on fire',
  sender: null,
  html: null,
  text: null,
  notice: null,
  origin: 'connection-1:0123456789abcdef',
  messageId: 'a@example.com',
  connectionId: 'connection-1',
};

export function draftOf(message: Message): IssueDraft {
  const { from, date, html, text } = message;
  return { ...emptyDraft, sender: from === null ? null : { ...from, date }, html, text };
}
