import { mail } from '../support/world';
import { largestMailMb, type SoakMailbox } from './mailboxes';
import type { Random } from './random';

/** Why a mail can't become an issue: it is too large, or Jira does not accept its content. */
export type Poison = 'too-large' | 'refused';

export interface SoakMail {
  subject: string;
  mailbox: SoakMailbox;
  poison: Poison | null;
}

/** Mail that arrives at random mailboxes: now one, now many. */
export interface Traffic {
  /** What arrives in the next second. @param poison whether some of it may be poison */
  arrive(poison: boolean): Promise<void>;
  mails(): readonly SoakMail[];
}

/** Jira refuses an issue whose summary holds this. */
export const refusedWord = 'unacceptable';

const mailsAMinute = 0.04;
const share = { attachment: 0.2, tooLarge: 0.005, refused: 0.01 };
/** Now and then one mailbox gets that many at once. */
const burst = { size: 40, eachSeconds: 400 };

export function createTraffic(random: Random, mailboxes: readonly SoakMailbox[]): Traffic {
  const mails: SoakMail[] = [];
  /** However few mails there are, some are poison. */
  const firstPoison: Poison[] = ['too-large', 'refused'];
  const perSecond = (mailboxes.length * mailsAMinute) / 60;

  async function deliver(mailbox: SoakMailbox, poison: Poison | null): Promise<void> {
    const number = String(mails.length + 1).padStart(5, '0');
    const subject = poison === 'refused' ? `Mail ${number} ${refusedWord}` : `Mail ${number}`;
    const raw = mail(subject, { attachments: random.chance(share.attachment) ? 2 : 0 });
    const padding = poison === 'too-large' ? new Uint8Array(largestMailMb * 1024 * 1024).fill(0x78) : new Uint8Array();
    await mailbox.deliver(Buffer.concat([raw, padding]));
    mails.push({ subject, mailbox, poison });
  }

  return {
    mails: () => mails,
    arrive: async (poison) => {
      let count = Math.floor(perSecond) + (random.chance(perSecond % 1) ? 1 : 0);
      for (; count > 0; count -= 1) {
        const isTooLarge = random.chance(share.tooLarge);
        const isRefused = random.chance(share.refused);
        const kind = isTooLarge ? 'too-large' : isRefused ? 'refused' : null;
        await deliver(random.pick(mailboxes), poison ? (firstPoison.shift() ?? kind) : null);
      }
      if (!random.chance(1 / burst.eachSeconds)) return;
      const mailbox = random.pick(mailboxes);
      for (let left = burst.size; left > 0; left -= 1) await deliver(mailbox, null);
    },
  };
}
