import { type AddLine, type ProtocolLog, protocolLog } from '../mail/protocol-log';
import type { Pooled } from './session-pool';

/** A mailbox or mailer in the pool, and its protocol, which is on only during requests that ask for it. */
export interface LoggedSession<T extends Pooled> extends Pooled {
  inner: T;
  protocol: ProtocolLog;
}

export function loggedSession<T extends Pooled>(open: (add: AddLine) => T): LoggedSession<T> {
  const protocol = protocolLog();
  const inner = open(protocol.add);
  return { inner, protocol, close: () => inner.close() };
}
