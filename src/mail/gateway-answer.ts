import type * as z from 'zod';
import { AppError } from '../domain/app-error';
import type { LogLine } from '../domain/protocol';
import { type Answer, answer, fromWireError } from './wire';

/** What an answer holds; `log` gets the protocol that it brings. @throws AppError the mailbox's own, or `gateway-unavailable` for anything that is no answer */
export function parseAnswer<T>(schema: z.ZodType<T>, bytes: Uint8Array, log?: LogLine): T {
  let received: Answer;
  try {
    received = answer.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    for (const { text, agoMs } of received.protocol ?? []) log?.(text, agoMs);
    if (received.ok) return schema.parse(received.value);
  } catch (cause) {
    throw gatewayUnavailable('The gateway answered something that this version of Letterbox does not understand.', {
      cause,
    });
  }
  throw fromWireError(received.error);
}

/** Said of polls and of what a page asked for. */
const advice =
  'What runs by itself is tried again. If this stays, open Diagnosis: it shows what is wrong with the gateway.';

/** No answer, or none that is understood. */
export function gatewayUnavailable(what: string, options: { cause?: unknown; uncertain?: boolean }): AppError {
  const message = `${what} ${advice}`;
  return new AppError('gateway-unavailable', 'transient', message, options);
}

/** The way changes what the gateway answers, whatever form it has. */
export const garbled = (cause: unknown): AppError =>
  new AppError(
    'gateway-broken',
    'transient',
    'What the gateway answers arrives changed, also as JSON. Update the gateway; if this stays, ask whoever runs it.',
    { cause },
  );

/** Whether an answer may get through if there is less of it: the platform cut it, refused its size, or did not wait for it. */
export function didNotGetThrough(thrown: unknown): boolean {
  if (!(thrown instanceof AppError)) return false;
  const isStatus = ['HTTP 413', 'HTTP 502', 'HTTP 504'].includes(thrown.detail ?? '');
  return isStatus || ['gateway-cut', 'gateway-lost', 'gateway-unavailable'].includes(thrown.code);
}

/**
 * A status that is about the request itself. `mayHaveActed`: a failure inside the gateway leaves open what happened. `isBegun`: an
 * earlier call began the job, so that even a refusal, which is of the call that asks for the result, leaves it open.
 */
export function gatewayStatusError(status: number, mayHaveActed: boolean, isBegun = false): AppError {
  const options = { detail: `HTTP ${status}`, ...(isBegun && { uncertain: mayHaveActed }) };
  if (status === 401 || status === 403) {
    const message =
      'The gateway did not accept this app. Whoever runs it has to set the id of this app as its audience.';
    return new AppError('gateway-refused', 'transient', message, options);
  }
  if (status === 429) {
    const message = 'The gateway has too much to do right now. It is tried again.';
    return new AppError('gateway-busy', 'transient', message, { ...options, retryAfterMs: 30_000 });
  }
  if (status === 410) {
    const message =
      'The gateway does not know any more what came of a request: it was started anew, or another one was asked. It is tried again; if this stays, have the load balancer send each installation to the same gateway.';
    return new AppError('gateway-lost', 'transient', message, { uncertain: mayHaveActed });
  }
  if (status === 400 || status === 404 || status === 413) {
    const message = 'The gateway did not understand this version of Letterbox. Update the gateway.';
    return new AppError('gateway-outdated', 'transient', message, options);
  }
  const message = `The gateway failed. ${advice}`;
  return new AppError('gateway-failed', 'transient', message, { ...options, uncertain: mayHaveActed });
}
