import { invokeRemote } from '@forge/api';
import type * as z from 'zod';
import { AppError } from '../domain/app-error';
import type { SettingsOf } from '../domain/connection';
import type { Mailbox } from '../domain/ports';
import { decodeFrames } from './frames';
import { advance, assemble, type Part, type Progress } from './parts';
import {
  type Answer,
  answer,
  fromWireError,
  handlesPerRequest,
  type MailboxCredentials,
  mailboxSettingsOf,
  type Operation,
  type RequestOf,
  type Values,
  values,
} from './wire';

/** Posts JSON to a path of the gateway. Throws only when no answer came. */
export type InvokeGateway = (path: string, body: string) => Promise<{ status: number; bytes: Uint8Array }>;

/** The gateway that the manifest names; Forge adds the invocation token. */
export function forgeGateway(remoteKey: string): InvokeGateway {
  return async (path, body) => {
    const headers = { 'content-type': 'application/json' };
    const response = await invokeRemote(remoteKey, { path, method: 'POST', headers, body });
    return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) };
  };
}

/** A mailbox behind the gateway. Tries nothing twice: whoever polls knows when to. */
export function gatewayMailbox(
  invoke: InvokeGateway,
  settings: SettingsOf<'imap' | 'pop3' | 'microsoft-imap'>,
  credentials: MailboxCredentials,
): Mailbox {
  const mailbox = { settings: mailboxSettingsOf(settings), credentials };

  async function post<K extends Operation>(
    operation: K,
    body: Omit<RequestOf<K>, 'settings' | 'credentials'>,
  ): Promise<Uint8Array> {
    let response: { status: number; bytes: Uint8Array };
    try {
      response = await invoke(`/v1/mailbox/${operation}`, JSON.stringify({ ...mailbox, ...body }));
    } catch (cause) {
      throw unavailable('The gateway could not be reached.', { cause, uncertain: operation === 'settle' });
    }
    if (response.status !== 200) throw statusError(response.status, operation);
    return response.bytes;
  }

  async function ask<K extends keyof Values>(
    operation: K,
    body: Omit<RequestOf<K>, 'settings' | 'credentials'>,
  ): Promise<Values[K]> {
    return parseAnswer(values[operation], await post(operation, body));
  }

  async function readWindow(handles: readonly string[], from: Progress, maxBytes: number) {
    const asked = handles.slice(from.index, from.index + handlesPerRequest);
    return decodeFrames(await post('fetch', { handles: asked, offset: from.offset, maxBytes }));
  }

  async function* readAll(handles: readonly string[], maxBytes: number): AsyncGenerator<Part> {
    let progress: Progress = { index: 0, offset: 0 };
    let next = handles.length > 0 ? readWindow(handles, progress, maxBytes) : undefined;
    while (next !== undefined) {
      const { parts, error } = await next;
      for (const part of parts) progress = advance(handles, progress, part);
      if (error === null && parts.length === 0) throw unavailable('The gateway answered without a message.', {});
      // Asked for before these are worked on, so that the way to the gateway and back costs no time of its own.
      next = error === null && progress.index < handles.length ? readWindow(handles, progress, maxBytes) : undefined;
      // Awaited only when these are done; a failure before that must not count as unhandled.
      next?.catch(() => {});
      yield* parts;
      if (error !== null) throw error;
    }
  }

  return {
    check: () => ask('check', {}),
    folders: () => ask('folders', {}),
    estimate: (start) => ask('estimate', { start }),
    list: (position, limit) => ask('list', { position, limit }),
    fetch: (handles, maxBytes) => assemble(readAll(handles, maxBytes), maxBytes),
    async settle(handles, action, moveTo) {
      const settled = [];
      for (let at = 0; at < handles.length; at += handlesPerRequest) {
        settled.push(...(await ask('settle', { handles: handles.slice(at, at + handlesPerRequest), action, moveTo })));
      }
      return settled;
    },
    async close() {},
  };
}

function parseAnswer<T>(schema: z.ZodType<T>, bytes: Uint8Array): T {
  let received: Answer;
  try {
    received = answer.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    if (received.ok) return schema.parse(received.value);
  } catch (cause) {
    throw unavailable('The gateway answered something that this version of Letterbox does not understand.', { cause });
  }
  throw fromWireError(received.error);
}

function unavailable(what: string, options: { cause?: unknown; uncertain?: boolean }): AppError {
  const message = `${what} It is tried again; if this stays, ask whoever runs the gateway.`;
  return new AppError('gateway-unavailable', 'transient', message, options);
}

function statusError(status: number, operation: Operation): AppError {
  const options = { detail: `HTTP ${status}` };
  if (status === 401 || status === 403) {
    const message =
      'The gateway did not accept this app. Whoever runs it has to set the id of this app as its audience.';
    return new AppError('gateway-refused', 'transient', message, options);
  }
  if (status === 429) {
    const message = 'The gateway has too much to do right now. It is tried again.';
    return new AppError('gateway-busy', 'transient', message, { ...options, retryAfterMs: 30_000 });
  }
  if (status === 400 || status === 404 || status === 413) {
    const message = 'The gateway did not understand this version of Letterbox. Update the gateway.';
    return new AppError('gateway-outdated', 'transient', message, options);
  }
  const message = 'The gateway failed. It is tried again; if this stays, ask whoever runs the gateway.';
  return new AppError('gateway-failed', 'transient', message, { ...options, uncertain: operation === 'settle' });
}
