import { smtpMailer } from '../../../src/mail/smtp/mailer';
import { mailerContract } from '../../contract/mailer-contract';
import { type OpenSmtp, smtpAccount } from '../../support/smtp-account';

const open: OpenSmtp = (settings, credentials) =>
  smtpMailer(settings, credentials, { resolve: async () => ['127.0.0.1'], allowPlaintext: false });

mailerContract('SMTP with TLS', () => smtpAccount('tls', 'password', open));
mailerContract('SMTP with STARTTLS and a token', () => smtpAccount('starttls', 'token', open));
