import { gatewayJsonBytes, gatewayResponseBytes, gatewayWindow } from '../domain/limits';
import type { AnswerForm } from './answer-terms';

/** What the way to the gateway was seen to bear. Lives as long as the process that calls: nothing of it is worth storing. */
export interface GatewayWay {
  form(): AnswerForm;
  /** An answer in this form came as it was sent. */
  noteForm(form: AnswerForm): void;
  /** Bytes of mail to ask for in one answer of this form. */
  windowOf(mailbox: string, form: AnswerForm): number;
  /** Halves the window after an answer that did not get through. False when it can't be smaller. */
  shrink(mailbox: string, form: AnswerForm): boolean;
  /** An answer with so many bytes of mail got through: after several that were full the window doubles. */
  noteAnswer(mailbox: string, bytes: number): void;
}

const largest: Readonly<Record<AnswerForm, number>> = { frames: gatewayResponseBytes, json: gatewayJsonBytes };

export function gatewayWay(): GatewayWay {
  let known: AnswerForm = 'frames';
  /** Only of mailboxes whose window is not the largest. */
  const windows = new Map<string, { bytes: number; full: number }>();
  const windowOf = (mailbox: string, form: AnswerForm) =>
    Math.min(windows.get(mailbox)?.bytes ?? largest[form], largest[form]);

  return {
    form: () => known,
    noteForm(form) {
      known = form;
    },
    windowOf,
    shrink(mailbox, form) {
      const bytes = windowOf(mailbox, form);
      if (bytes <= gatewayWindow.smallest) return false;
      windows.delete(mailbox);
      windows.set(mailbox, { bytes: Math.max(gatewayWindow.smallest, Math.floor(bytes / 2)), full: 0 });
      const [oldest] = windows.keys();
      if (windows.size > gatewayWindow.remembered && oldest !== undefined) windows.delete(oldest);
      return true;
    },
    noteAnswer(mailbox, bytes) {
      const window = windows.get(mailbox);
      // A small answer says nothing about large ones.
      if (window === undefined || bytes < window.bytes / 2) return;
      window.full += 1;
      if (window.full < gatewayWindow.fullBeforeGrowth) return;
      windows.set(mailbox, { bytes: window.bytes * 2, full: 0 });
      if (window.bytes * 2 >= largest[known]) windows.delete(mailbox);
    },
  };
}
