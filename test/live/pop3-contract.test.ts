import { mailboxContract } from '../contract/mailbox-contract.ts';
import { pop3Server } from './pop3-account.ts';

for (const encryption of ['tls', 'starttls'] as const) {
  mailboxContract(`POP3 with ${encryption}`, () => pop3Server(encryption));
}
