import { Readable } from 'node:stream';
import type { SMTPConnectionSendInfo } from 'nodemailer/lib/smtp-connection';
import { AppError } from '../../domain/app-error';
import type { ComposedMail, Mailer, Sent } from '../../domain/mailer';
import { checkServer } from './check';
import { addressNotSupported } from './errors';
import { smtpLimits } from './limits';
import { readReply, shownReply } from './replies';
import { openSession, type Session, type StepObserver } from './session';
import type { SmtpCredentials, SmtpDeps, SmtpSettings } from './settings';

/** Sends by SMTP (RFC 5321, RFC 6409). One session is kept between calls; calls must not overlap. */
export function smtpMailer(settings: SmtpSettings, credentials: SmtpCredentials, deps: SmtpDeps): Mailer {
  let session: Session | undefined;
  let isClosed = false;

  async function open(deadline: number, from: string, observe?: StepObserver): Promise<Session> {
    session?.drop();
    const opened = await openSession(settings, credentials, deps, deadline, from, observe);
    if (isClosed) {
      // Given up while it was being opened: nobody else would ever close it.
      opened.drop();
      throw new AppError(
        'connection-lost',
        'transient',
        'The connection to the mail server was given up. It is tried again.',
      );
    }
    session = opened;
    return opened;
  }

  const newDeadline = () => performance.now() + (deps.callMs ?? smtpLimits.callMs);

  return {
    check: () => checkServer(settings, credentials, (observe) => open(newDeadline(), '', observe)),
    async send(mail) {
      const deadline = newDeadline();
      const { from } = mail.envelope;
      const idle = session?.isUsable() ? session : undefined;
      try {
        return await sendMail(idle ?? (await open(deadline, from)), mail, settings.timeoutMs, deadline);
      } catch (thrown) {
        // Servers end sessions that lay idle or sent their share, some only when the next mail comes. Whoever refuses has
        // spoken; a mail that may have gone out is never sent again.
        const isOver =
          thrown instanceof AppError &&
          !thrown.uncertain &&
          (thrown.code === 'connection-lost' || thrown.detail?.startsWith('421') === true);
        if (idle === undefined || !isOver) throw thrown;
        return await sendMail(await open(deadline, from), mail, settings.timeoutMs, deadline);
      }
    },
    async close() {
      isClosed = true;
      await session?.quit();
      session = undefined;
    },
  };
}

async function sendMail(session: Session, mail: ComposedMail, timeoutMs: number, deadline: number): Promise<Sent> {
  const { envelope, raw } = mail;
  const isAscii = [envelope.from, ...envelope.to].every((address) => /^[\x21-\x7e]*$/.test(address));
  if (!isAscii && !session.tap.supports('SMTPUTF8')) throw addressNotSupported();
  session.place.uncertain = false;
  const transferMs = (raw.byteLength / smtpLimits.slowestBytesPerSecond) * 1_000;
  const ms = Math.min(Math.max(timeoutMs, smtpLimits.acceptMs) + transferMs, deadline - performance.now());
  try {
    const info = await session.wait<SMTPConnectionSendInfo>(ms, (done) => {
      const message = Readable.from(
        told(raw, () => (session.place.uncertain = true)),
        { objectMode: false },
      );
      session.connection.send({ from: envelope.from, to: envelope.to, size: raw.byteLength }, message, done);
    });
    return {
      messageId: info.serverMessageId ?? mail.messageId,
      reply: shownReply(info.response),
      refused: (info.rejectedErrors ?? []).map((error) => ({
        address: String(Reflect.get(error, 'recipient') ?? ''),
        reason: readReply(error.response).shown,
      })),
    };
  } catch (thrown) {
    // Its state is unknown, and a new one costs less than to find out.
    session.drop();
    throw thrown;
  }
}

const chunkBytes = 64 * 1024;

/** The mail in pieces. `onLast` is called before the last one is given out: from then on the server may take the mail. */
function* told(raw: Uint8Array, onLast: () => void): Generator<Uint8Array> {
  for (let at = 0; at < raw.byteLength; at += chunkBytes) {
    if (at + chunkBytes >= raw.byteLength) onLast();
    yield raw.subarray(at, at + chunkBytes);
  }
}
