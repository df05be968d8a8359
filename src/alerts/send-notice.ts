import type { AlertChannel, AlertSecret } from '../domain/alert';
import { AppError } from '../domain/app-error';
import type { Notice } from '../domain/notice';
import { noticeText, noticeTitle } from '../domain/notice-text';
import type { SendPorts } from './alert-ports';

type EmailChannel = Extract<AlertChannel, { type: 'email' }>;

/**
 * Sends a notice the way that a rule says, and returns the other side's answer.
 * @throws AppError what the channel throws; `uncertain` when it may have arrived all the same
 */
export async function sendNotice(
  ports: SendPorts,
  channel: AlertChannel,
  secret: AlertSecret,
  notice: Notice,
): Promise<{ reply: string }> {
  const linked = { ...notice, appUrl: await ports.appUrl() };
  return channel.type === 'email' ? mailNotice(ports, channel, linked) : ports.postNotice(channel, secret, linked);
}

async function mailNotice(ports: SendPorts, channel: EmailChannel, notice: Notice): Promise<{ reply: string }> {
  const connection = await ports.outgoing.get(channel.outgoingId);
  if (connection === null) {
    const message = 'The outgoing connection of this rule was deleted. Choose another one.';
    throw new AppError('connection-gone', 'access', message, { field: 'settings.channel.outgoingId' });
  }
  const { reply, refused } = await ports.sendMail(connection, {
    to: channel.recipients.map((address) => ({ name: '', address })),
    cc: [],
    bcc: [],
    replyTo: [],
    subject: noticeTitle(notice),
    text: noticeText(notice),
    html: null,
    attachments: [],
    inReplyTo: null,
    references: [],
    automatic: true,
  });
  const missed = refused.map(({ address }) => address).join(', ');
  return { reply: missed === '' ? reply : `${reply} (refused: ${missed})` };
}
