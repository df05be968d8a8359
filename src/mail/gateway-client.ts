import { invokeRemote } from '@forge/api';
import type { SettingsOf } from '../domain/connection';
import { inTime } from '../domain/in-time';
import { gatewayCallMs } from '../domain/limits';
import type { Mailbox } from '../domain/ports';
import type { LogLine } from '../domain/protocol';
import { decodeFrames } from './frames';
import { gatewayStatusError, gatewayUnavailable, parseAnswer } from './gateway-answer';
import { advance, assemble, type Part, type Progress } from './parts';
import {
  handlesPerRequest,
  type MailboxCredentials,
  mailboxSettingsOf,
  type Operation,
  type RequestOf,
  type Values,
  values,
} from './wire';

export interface GatewayReply {
  status: number;
  bytes: Uint8Array;
}

/** Posts JSON to a path of the gateway. Throws only when no answer came. */
export type InvokeGateway = (path: string, body: string) => Promise<GatewayReply>;
/** Posts JSON, or bytes as they are. */
export type PostToGateway = (path: string, body: string | ArrayBuffer) => Promise<GatewayReply>;

/** The gateway that the manifest names; Forge adds the invocation token. */
export function forgeGateway(remoteKey: string): PostToGateway {
  return async (path, body) => {
    const headers = { 'content-type': typeof body === 'string' ? 'application/json' : 'application/octet-stream' };
    return inTime(gatewayCallMs, late, async ({ signal }) => {
      const response = await invokeRemote(remoteKey, { path, method: 'POST', headers, body, signal });
      return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) };
    });
  };
}

const late = () => new Error(`No answer came within ${gatewayCallMs / 1_000} seconds.`);

export interface GatewayMailboxOptions {
  /** Gets the protocol of each call, without secrets and mail; asked for only when this is here. */
  log?: LogLine | undefined;
}

type Body<K extends Operation> = Omit<RequestOf<K>, 'settings' | 'credentials' | 'debug'>;

/** A mailbox behind the gateway. Tries nothing twice: whoever polls knows when to. */
export function gatewayMailbox(
  invoke: InvokeGateway,
  settings: SettingsOf<'imap' | 'pop3' | 'microsoft-imap'>,
  credentials: MailboxCredentials,
  { log }: GatewayMailboxOptions = {},
): Mailbox {
  const mailbox = { settings: mailboxSettingsOf(settings), credentials };
  let debug = log !== undefined;

  async function post<K extends Operation>(operation: K, body: Body<K>): Promise<Uint8Array> {
    let response: GatewayReply;
    log?.(`# The gateway is asked: ${operation}`);
    try {
      const request = JSON.stringify({ ...mailbox, ...body, ...(debug && { debug }) });
      response = await invoke(`/v1/mailbox/${operation}`, request);
    } catch (cause) {
      throw gatewayUnavailable('The gateway could not be reached.', { cause, uncertain: operation === 'settle' });
    }
    if (response.status === 400 && debug) {
      // A gateway of an older version refuses what it does not know, before it does anything: the log must not stop the mail.
      debug = false;
      log?.('# This gateway does not tell the protocol. Update it.');
      return post(operation, body);
    }
    if (response.status !== 200) throw gatewayStatusError(response.status, operation === 'settle');
    return response.bytes;
  }

  async function ask<K extends keyof Values>(operation: K, body: Body<K>): Promise<Values[K]> {
    return parseAnswer(values[operation], await post(operation, body), log);
  }

  async function readWindow(handles: readonly string[], from: Progress, maxBytes: number) {
    const asked = handles.slice(from.index, from.index + handlesPerRequest);
    const decoded = decodeFrames(await post('fetch', { handles: asked, offset: from.offset, maxBytes }));
    for (const { text, agoMs } of decoded.protocol) log?.(text, agoMs);
    return decoded;
  }

  async function* readAll(handles: readonly string[], maxBytes: number): AsyncGenerator<Part> {
    let progress: Progress = { index: 0, offset: 0 };
    let next = handles.length > 0 ? readWindow(handles, progress, maxBytes) : undefined;
    while (next !== undefined) {
      const { parts, error } = await next;
      for (const part of parts) progress = advance(handles, progress, part);
      if (error === null && parts.length === 0) throw gatewayUnavailable('The gateway answered without a message.', {});
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
    begin: (start) => ask('begin', { start }),
    preview: async (handles) => (handles.length === 0 ? [] : ask('preview', { handles: [...handles] })),
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
