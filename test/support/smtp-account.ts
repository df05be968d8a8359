import { createServer } from 'node:net';
import type { Encryption } from '../../src/domain/connection';
import type { Mailer } from '../../src/domain/mailer';
import type { SmtpCredentials, SmtpSettings } from '../../src/mail/smtp/settings';
import type { MailerServer } from '../contract/mailer-contract';
import { serverCredentials } from '../emulator/mail-server/certificates';
import { startOutgoingServer } from '../emulator/mail-server/outgoing';

export type OpenSmtp = (settings: SmtpSettings, credentials: SmtpCredentials) => Mailer;

const address = 'support@example.com';

/** A port on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const bound = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}

/** The emulated submission server, as an account of the contract suite. */
export async function smtpAccount(
  encryption: Exclude<Encryption, 'none'>,
  by: 'password' | 'token',
  open: OpenSmtp,
  stop: () => Promise<void> = async () => {},
): Promise<MailerServer> {
  const certificates = serverCredentials(null, ['localhost', '127.0.0.1']);
  const server = await startOutgoingServer({
    ...certificates,
    users: { [address]: 'correct horse' },
    verifyToken: (token) => (token === 'a good token' ? address : null),
  });
  const nowhere = await freePort();
  const settings: SmtpSettings = {
    encryption,
    host: 'localhost',
    port: encryption === 'tls' ? server.ports.smtps : server.ports.submission,
    username: address,
    timeoutMs: 10_000,
    privateCa: certificates.ca,
  };
  let isThrottled = false;
  const right = by === 'password' ? { password: 'correct horse' } : { accessToken: 'a good token' };
  const wrong = by === 'password' ? { password: 'wrong horse' } : { accessToken: 'an old token' };
  return {
    address,
    steps: ['lookup', 'connect', 'tls', 'sign-in'],
    refusesRecipients: true,
    open: (isWrong) => open(settings, isWrong ? wrong : right),
    openNowhere: () => open({ ...settings, port: nowhere }, right),
    delivered: server.received,
    refuseRecipient: (refused) =>
      server.refuse({ at: 'RCPT', code: 550, text: '5.1.1 No such user here', address: refused, times: 1 }),
    throttle: (isOn) => {
      isThrottled = isOn;
      server.refuse({
        at: 'MAIL',
        code: 450,
        text: '4.7.1 Too many messages, try again in 5 minutes',
        applies: () => isThrottled,
      });
    },
    async stop() {
      await stop();
      await server.close();
    },
  };
}
