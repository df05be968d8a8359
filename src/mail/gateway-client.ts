import { invokeRemote } from '@forge/api';
import type { SettingsOf } from '../domain/connection';
import { inTime } from '../domain/in-time';
import { gatewayCallMs, gatewayWindow } from '../domain/limits';
import type { Mailbox } from '../domain/ports';
import type { LogLine } from '../domain/protocol';
import { decodeAnswer, Garbled } from './frames';
import { didNotGetThrough, garbled, gatewayStatusError, gatewayUnavailable, parseAnswer } from './gateway-answer';
import { askGateway, type GatewayQuestion, type Post } from './gateway-call';
import { type GatewayWay, gatewayWay } from './gateway-way';
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

export type InvokeGateway = Post<string>;
export type PostToGateway = Post<string | ArrayBuffer>;

/** The gateway that the manifest names; Forge adds the invocation token. @param callMs milliseconds that a call may take */
export function forgeGateway(remoteKey: string, callMs = gatewayCallMs): PostToGateway {
  const late = () => new Error(`No answer came within ${callMs / 1_000} seconds.`);
  return async (path, body) => {
    const headers = { 'content-type': typeof body === 'string' ? 'application/json' : 'application/octet-stream' };
    return inTime(callMs, late, async ({ signal }) => {
      const response = await invokeRemote(remoteKey, { path, method: 'POST', headers, body, signal });
      return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) };
    });
  };
}

export interface GatewayMailboxOptions {
  /** Gets the protocol of each call, without secrets and mail; asked for only when this is here. */
  log?: LogLine | undefined;
  /** Shared by all mailboxes behind the same gateway. */
  way?: GatewayWay;
}

type Body<K extends Operation> = Omit<RequestOf<K>, 'settings' | 'credentials' | 'debug'>;

/** A mailbox behind the gateway. Tries nothing twice but what is to be read, in smaller pieces: whoever polls knows when to. */
export function gatewayMailbox(
  invoke: InvokeGateway,
  settings: SettingsOf<'imap' | 'pop3' | 'microsoft-imap'>,
  credentials: MailboxCredentials,
  { log, way = gatewayWay() }: GatewayMailboxOptions = {},
): Mailbox {
  const mailbox = { settings: mailboxSettingsOf(settings), credentials };
  const name = JSON.stringify([settings.host, mailbox.settings.port, mailbox.settings.username]);
  let debug = log !== undefined;

  async function post<K extends Operation>(
    operation: K,
    body: Body<K>,
    terms?: GatewayQuestion<string>['terms'],
  ): Promise<Uint8Array> {
    log?.(`# The gateway is asked: ${operation}`);
    const response = await askGateway(invoke, {
      path: `/v1/mailbox/${operation}`,
      body: JSON.stringify({ ...mailbox, ...body, ...(debug && { debug }) }),
      ...(terms === undefined ? {} : { terms }),
      hasEffect: operation === 'settle',
    });
    if (response.status === 400 && debug) {
      // A gateway of an older version refuses what it does not know, before it does anything: the log must not stop the mail.
      debug = false;
      log?.('# This gateway does not tell the protocol. Update it.');
      return post(operation, body, terms);
    }
    if (response.status !== 200) throw gatewayStatusError(response.status, operation === 'settle');
    return response.bytes;
  }

  async function ask<K extends keyof Values>(operation: K, body: Body<K>): Promise<Values[K]> {
    return parseAnswer(values[operation], await post(operation, body), log);
  }

  /** One answer from `from` on; what does not get through is asked for in another form, or in smaller pieces. */
  async function readWindow(handles: readonly string[], from: Progress, maxBytes: number, ticket: string | null) {
    const asked = handles.slice(from.index, from.index + handlesPerRequest);
    let form = way.form();
    let goesOn = ticket;
    for (let halvings = 0; ; goesOn = null) {
      const terms = { form, bytes: way.windowOf(name, form), ...(goesOn === null ? {} : { ticket: goesOn }) };
      try {
        const decoded = decodeAnswer(await post('fetch', { handles: asked, offset: from.offset, maxBytes }, terms));
        way.noteForm(form);
        way.noteAnswer(name, bytesOf(decoded.parts));
        for (const { text, agoMs } of decoded.protocol) log?.(text, agoMs);
        return decoded;
      } catch (thrown) {
        const isGarbled = thrown instanceof Garbled;
        if (!isGarbled && !didNotGetThrough(thrown)) throw thrown;
        if (!isGarbled && halvings < gatewayWindow.halvings && way.shrink(name, form)) {
          halvings += 1;
          log?.(`# An answer did not get through: at most ${way.windowOf(name, form)} bytes are asked for at once.`);
        } else if (form === 'frames') {
          form = 'json';
          log?.('# No answer with bytes gets through as it was sent: mail is asked for as JSON.');
        } else throw isGarbled ? garbled(thrown) : thrown;
      }
    }
  }

  async function* readAll(handles: readonly string[], maxBytes: number): AsyncGenerator<Part> {
    let progress: Progress = { index: 0, offset: 0 };
    let next = handles.length > 0 ? readWindow(handles, progress, maxBytes, null) : undefined;
    while (next !== undefined) {
      const { parts, error, ticket } = await next;
      for (const part of parts) progress = advance(handles, progress, part);
      if (error === null && ticket === null && parts.length === 0)
        throw gatewayUnavailable('The gateway answered without a message.', {});
      const isOver = error !== null || progress.index >= handles.length;
      // Asked for before these are worked on, so that the way to the gateway and back costs no time of its own.
      next = isOver ? undefined : readWindow(handles, progress, maxBytes, ticket);
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

const bytesOf = (parts: readonly Part[]): number =>
  parts.reduce((sum, part) => sum + (part.outcome === 'part' ? part.bytes.length : 0), 0);
