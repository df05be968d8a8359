import { test } from 'node:test';
import { imapMailbox } from '../../src/mail/imap/mailbox';
import { mailboxContract } from '../contract/mailbox-contract';
import { startCyrus } from '../support/cyrus';
import { overlayProblem } from '../support/overlay-root';
import { imapStore, keepingTraits, pop3Store } from './store-account';

const deps = { resolve: async () => ['127.0.0.1'], allowPlaintext: false };

if (overlayProblem !== null) {
  test('Cyrus as a mailbox by IMAP and POP3', { skip: overlayProblem }, () => {});
} else {
  mailboxContract('Cyrus by IMAP with STARTTLS', () =>
    imapStore(startCyrus, 'starttls', (settings, password) => imapMailbox(settings, { password }, deps), keepingTraits),
  );
  mailboxContract('Cyrus by POP3 with TLS', () => pop3Store(startCyrus, 'tls'));
}
