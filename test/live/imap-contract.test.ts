import { gatewayMailbox } from '../../src/mail/gateway-client';
import { imapMailbox } from '../../src/mail/imap/mailbox';
import { mailboxContract } from '../contract/mailbox-contract';
import { startGateway } from '../support/gateway';
import { imapServer } from './imap-account';

const deps = { resolve: async () => ['127.0.0.1'], allowPlaintext: false };

for (const encryption of ['tls', 'starttls'] as const) {
  mailboxContract(`IMAP with ${encryption}`, () =>
    imapServer(encryption, (settings, password) => imapMailbox(settings, { password }, deps)),
  );

  mailboxContract(`IMAP with ${encryption} through the gateway`, async () => {
    const gateway = await startGateway();
    return imapServer(
      encryption,
      (settings, password) => gatewayMailbox(gateway.invoke(), settings, { password }),
      gateway.stop,
    );
  });
}
