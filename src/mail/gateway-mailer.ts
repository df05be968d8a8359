import type { Mailer } from '../domain/mailer';
import { gatewayStatusError, gatewayUnavailable } from './gateway-answer';
import { askGateway } from './gateway-call';
import type { PostToGateway } from './gateway-client';
import {
  checkMailerSize,
  encodeMailerRequest,
  type MailerAnswer,
  type MailerCredentials,
  type MailerOperation,
  type MailerRequestOf,
  type MailerValues,
  mailerAnswer,
  mailerSettingsOf,
  mailerValues,
  type SmtpOutgoing,
} from './mailer-wire';
import { fromWireError } from './wire';

export interface GatewayMailerOptions {
  /** Gets the protocol of each call, line by line, without secrets; asked for only when this is here. */
  log?: ((line: string) => void) | undefined;
}

/** Sends by SMTP through the gateway. Tries nothing twice: whoever sends knows when to. */
export function gatewayMailer(
  post: PostToGateway,
  settings: SmtpOutgoing,
  credentials: MailerCredentials,
  { log }: GatewayMailerOptions = {},
): Mailer {
  const header = { settings: mailerSettingsOf(settings), credentials, debug: log !== undefined };

  async function ask<K extends MailerOperation>(
    operation: K,
    head: MailerRequestOf<K>,
    raw?: Uint8Array,
  ): Promise<MailerValues[K]> {
    const uncertain = operation === 'send';
    const response = await askGateway(post, {
      path: `/v1/mailer/${operation}`,
      body: encodeMailerRequest(head, raw),
      // The gateway has the mail.
      rest: encodeMailerRequest(head),
      hasEffect: uncertain,
    });
    if (response.status !== 200) throw gatewayStatusError(response.status, uncertain);
    let received: MailerAnswer;
    try {
      received = mailerAnswer.parse(JSON.parse(Buffer.from(response.bytes).toString('utf8')));
      for (const line of received.protocol) log?.(line);
      if (received.ok) return mailerValues[operation].parse(received.value);
    } catch (cause) {
      const what = 'The gateway answered something that this version of Letterbox does not understand.';
      throw gatewayUnavailable(what, { cause, uncertain });
    }
    throw fromWireError(received.error);
  }

  return {
    check: () => ask('check', header),
    async send(mail) {
      checkMailerSize(mail);
      const { messageId } = mail;
      const shared = settings.provider === 'microsoft-smtp' ? settings.sharedMailbox : '';
      const envelope = { ...mail.envelope, from: shared || mail.envelope.from };
      return ask('send', { ...header, messageId, envelope }, mail.raw);
    },
    async close() {},
  };
}
