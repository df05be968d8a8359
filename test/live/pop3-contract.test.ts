import { mailboxContract } from '../contract/mailbox-contract';
import { pop3Server } from './pop3-account';

for (const encryption of ['tls', 'starttls'] as const) {
  mailboxContract(`POP3 with ${encryption}`, () => pop3Server(encryption));
}
