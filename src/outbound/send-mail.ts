import { AppError, toAppError } from '../domain/app-error';
import { storedAccess } from '../domain/entity';
import { outgoingLimits } from '../domain/limits';
import type { ComposeMail, OpenMailer, OutgoingMail, Sent } from '../domain/mailer';
import type { OutgoingConnection } from '../domain/outgoing';
import type { OwnMark } from '../domain/own-mark';
import type { MailboxAccess } from '../domain/ports';
import { endTrouble, noteTrouble, type TroublePorts } from './trouble';

export interface SendPorts extends TroublePorts {
  openMailer: OpenMailer;
  composeMail: ComposeMail;
  ownMark: OwnMark;
}

export interface Delivery extends Sent {
  /** The protocol of this send, without secrets; null unless Debug is on. */
  protocol: string[] | null;
}

/** Lines of the protocol that are kept of one send. */
const mostLines = 500;

/**
 * Sends one mail through a connection: from its address, with its prefix before the subject.
 * @throws AppError `connection-disabled`, and what composing and sending throw; with the protocol while Debug is on
 */
export async function sendMail(
  ports: SendPorts,
  connection: OutgoingConnection,
  mail: Omit<OutgoingMail, 'from'>,
): Promise<Delivery> {
  if (!connection.enabled) {
    throw new AppError('connection-disabled', 'input', 'This connection is disabled. Enable it first; then it sends.');
  }
  const { fromName, fromAddress, prefix } = connection.settings;
  const from = { name: fromName, address: fromAddress };
  const rawBytes = outgoingLimits.rawBytes[connection.settings.provider];
  const composed = await ports.composeMail({ ...mail, from }, { rawBytes, prefix });
  // It may arrive in a mailbox that becomes issues. What a person writes may well become one there; this not.
  const marked = mail.automatic ? { ...composed, raw: await ports.ownMark.put(composed.raw) } : composed;

  const lines: string[] = [];
  const isDebugged = connection.debugUntil > ports.now();
  const access: MailboxAccess = storedAccess(connection);
  if (isDebugged) access.log = (line) => void (lines.length < mostLines && lines.push(line));
  const mailer = await ports.openMailer(connection.settings, access).catch(async (thrown) => {
    await noteTrouble(ports, connection.id, toAppError(thrown));
    throw thrown;
  });
  try {
    const sent = await mailer.send(marked);
    await endTrouble(ports, connection.id);
    return { ...sent, protocol: isDebugged ? lines : null };
  } catch (thrown) {
    await noteTrouble(ports, connection.id, toAppError(thrown));
    throw isDebugged ? withProtocol(toAppError(thrown), lines) : thrown;
  } finally {
    await mailer.close();
  }
}

/** Who debugs wants to see above all what went before a failure. */
function withProtocol(error: AppError, protocol: readonly string[]): AppError {
  const { code, kind, message, retryAfterMs, field, step, detail, uncertain, cause } = error;
  return new AppError(code, kind, message, { retryAfterMs, field, step, detail, uncertain, protocol, cause });
}
