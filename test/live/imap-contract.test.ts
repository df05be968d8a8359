import { gatewayMailbox } from '../../src/mail/gateway-client';
import { gatewayWay } from '../../src/mail/gateway-way';
import { imapMailbox } from '../../src/mail/imap/mailbox';
import { mailboxContract } from '../contract/mailbox-contract';
import { asText, startGateway } from '../support/gateway';
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

// Each call ends before most jobs do.
mailboxContract('IMAP through the gateway as JSON, over many calls', async () => {
  const gateway = await startGateway({ answerSeconds: 0.06 });
  const way = gatewayWay();
  return imapServer(
    'tls',
    (settings, password) => gatewayMailbox(asText(gateway.invoke()), settings, { password }, { way }),
    gateway.stop,
  );
});
