import type { CheckStepName } from '../domain/ports';

/**
 * What to do about a server that kept us waiting. One that expects TLS at once never greets a client that waits for
 * STARTTLS: there another timeout helps nobody. `ports` are the usual ones of the protocol.
 */
export function slowAdvice(step: CheckStepName | undefined, ports: { tls: number; starttls: number }): string {
  if (step !== 'tls') return 'It is tried again; if this stays, raise the timeout of the connection.';
  return `Check port and encryption: SSL/TLS is usually port ${ports.tls}, STARTTLS port ${ports.starttls}. If both are right, raise the timeout of the connection. It is tried again.`;
}
