import { test } from 'node:test';
import { imapMailbox } from '../../src/mail/imap/mailbox';
import { mailboxContract } from '../contract/mailbox-contract';
import { startCourier } from '../support/courier';
import { overlayProblem } from '../support/overlay-root';
import { imapStore, pop3Store } from './store-account';

const deps = { resolve: async () => ['127.0.0.1'], allowPlaintext: false };

if (overlayProblem !== null) {
  test('Courier as a mailbox by IMAP and POP3', { skip: overlayProblem }, () => {});
} else {
  mailboxContract('Courier by IMAP with STARTTLS', () =>
    imapStore(startCourier, 'starttls', (settings, password) => imapMailbox(settings, { password }, deps)),
  );
  mailboxContract('Courier by POP3 with TLS', () => pop3Store(startCourier, 'tls'));
}
