import type * as z from 'zod';
import { AppError } from '../domain/app-error';
import { hostNotAllowed, isEgressAnswer, isEgressRefusal } from '../domain/egress-refusal';
import { inTime } from '../domain/in-time';
import type { LogLine } from '../domain/protocol';
import { retryAfterMs } from '../domain/retry-after';
import { readBody } from './http-body';
import { httpLine } from './http-line';

/** What an adapter to a provider's HTTPS API needs of the world. */
export interface HttpDeps {
  /** In a function this is the platform's gate, which lets through only the hosts of the manifest. */
  fetch: typeof globalThis.fetch;
  /** With `forceRefresh` a token that the provider refused is not handed out again. @throws AppError `access` */
  getAccessToken(options?: { forceRefresh: boolean }): Promise<string>;
  /** Epoch milliseconds. */
  now(): number;
  /** Gets a line for each call; without tokens, bodies and what was searched for. */
  log?: LogLine | undefined;
}

export interface HttpRequest {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Begins with "/"; appended to the API's origin. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
  /** Statuses, besides 2xx, that the caller understands and wants back. */
  accept?: readonly number[];
  /** A longer body is dropped while it arrives; the reply's `body` is then null. */
  maxBytes?: number;
  /** True for a 2xx reply that says, in a part of it, that the token was refused. */
  isRefused?(reply: HttpReply): boolean;
  signal?: AbortSignal;
}

export interface HttpReply {
  status: number;
  headers: Headers;
  /** Null when it is longer than `maxBytes`. */
  body: Uint8Array | null;
  /** Bytes announced, or seen until it was too much. */
  size: number;
}

export interface HttpApi {
  /** @throws AppError `transient` (unreachable, slow, cut, throttled, 5xx), `access` (token, permission) */
  send(request: HttpRequest): Promise<HttpReply>;
  /** The reply as the schema has it. @throws AppError as `send`, and `bad-answer` (transient) for anything else than such JSON */
  json<T>(request: HttpRequest, schema: z.ZodType<T>): Promise<T>;
  /** Turns a status that stands inside a batch into the error that `send` would throw for it. */
  failure(status: number, headers: Headers, body: string): AppError;
  /** Tells the protocol what no status line says; without secrets, and without anything of a mail. */
  note(text: string): void;
}

export interface HttpOptions {
  /** The provider in texts for people: "Gmail". */
  name: string;
  /** `https://host`, and nothing behind it. */
  origin: string;
  /** Milliseconds without an answer, or without reasonable progress of one. */
  timeoutMs: number;
  /** Says what a refusal means in the provider's own terms; null: the status alone decides. */
  explain(status: number, body: string): AppError | null;
}

/** More than any listing of ours is; an answer above it is not what was asked for. */
const jsonBytes = 16 * 1024 * 1024;
/** Of an error's body only this much is read. */
const errorBytes = 64 * 1024;

/**
 * Calls one provider's API with one access token, which it renews once when the provider refuses it. It never waits and
 * never repeats a call for any other reason: the poll decides when to come back.
 */
export function httpApi(options: HttpOptions, deps: HttpDeps): HttpApi {
  const { name, timeoutMs } = options;
  let token: Promise<string> | null = null;
  let renewed: Promise<string> | null = null;

  const send = async (request: HttpRequest): Promise<HttpReply> => {
    token ??= deps.getAccessToken();
    const used = await token;
    let reply = await exchange(request, used);
    if (reply.status === 401 || request.isRefused?.(reply)) {
      // Several calls may be under way with the same old token: they share one renewal, and a second refusal is final.
      if (renewed === null && used === (await token)) {
        deps.log?.('# The access token was refused, and is renewed.');
        renewed = deps.getAccessToken({ forceRefresh: true });
        token = renewed;
      }
      const current = await token;
      if (current !== used) reply = await exchange(request, current);
    }
    if ((reply.status >= 200 && reply.status < 300) || request.accept?.includes(reply.status)) return reply;
    throw failure(reply.status, reply.headers, new TextDecoder().decode(reply.body ?? new Uint8Array()));
  };

  const exchange = async (request: HttpRequest, bearer: string): Promise<HttpReply> => {
    const begunAt = performance.now();
    const late = new Error('No answer in time.');
    const told = (outcome: HttpReply | string) => {
      deps.log?.(httpLine(request, outcome, performance.now() - begunAt));
    };
    try {
      const reply = await inTime(
        timeoutMs,
        () => late,
        async ({ signal, extend }) => {
          const response = await deps.fetch(options.origin + request.path, {
            method: request.method ?? 'GET',
            headers: { accept: 'application/json', ...request.headers, authorization: `Bearer ${bearer}` },
            ...(request.body === undefined ? {} : { body: request.body }),
            // A redirect would carry the token to a host of somebody else's choice.
            redirect: 'error',
            signal,
          });
          const maxBytes = response.ok ? (request.maxBytes ?? jsonBytes) : errorBytes;
          const body = await readBody(response, maxBytes, extend);
          return { status: response.status, headers: response.headers, ...body };
        },
        request.signal,
      );
      told(reply);
      return reply;
    } catch (cause) {
      told(request.signal?.aborted ? 'given up' : cause === late ? 'no answer in time' : 'no answer');
      if (request.signal?.aborted)
        throw new AppError('aborted', 'transient', `The call to ${name} is no longer needed.`, { cause });
      if (cause === late) {
        const message = `${name} did not answer within ${timeoutMs} ms. Letterbox tries again by itself; if it goes on, raise the timeout.`;
        throw new AppError('timeout', 'transient', message, { step: 'connect', uncertain: true, cause });
      }
      if (isEgressRefusal(cause)) throw hostNotAllowed(new URL(options.origin).hostname);
      const message = `${name} can't be reached, or the connection broke. Letterbox tries again by itself.`;
      throw new AppError('unreachable', 'transient', message, { step: 'connect', uncertain: true, cause });
    }
  };

  const failure = (status: number, headers: Headers, body: string): AppError => {
    if (isEgressAnswer(status, body)) return hostNotAllowed(new URL(options.origin).hostname);
    const explained = options.explain(status, body);
    const wait = retryAfterMs(headers, deps.now()) ?? explained?.retryAfterMs;
    if (explained !== null && explained.kind !== 'transient') return explained;
    const detail = explained?.detail ?? errorText(body);
    if (explained !== null || status === 429 || status === 503) {
      const message = `${name} asks to slow down. Letterbox goes on later by itself.`;
      return new AppError('throttled', 'transient', message, { retryAfterMs: wait, detail });
    }
    if (status === 408 || status >= 500) {
      const message = `${name} has trouble at the moment (HTTP ${status}). Letterbox tries again by itself.`;
      return new AppError('provider-trouble', 'transient', message, { retryAfterMs: wait, detail, uncertain: true });
    }
    if (status === 401) {
      const message = `${name} refuses the sign-in. Open the connection and authorize it again.`;
      return new AppError('sign-in-failed', 'access', message, { step: 'sign-in', detail });
    }
    if (status === 403) {
      const message = `${name} denies access to this mailbox. Check the account's permissions, then authorize the connection again.`;
      return new AppError('access-denied', 'access', message, { step: 'sign-in', detail });
    }
    return new AppError('request-refused', 'bug', `${name} refused a request of Letterbox (HTTP ${status}).`, {
      detail,
    });
  };

  const json = async <T>(request: HttpRequest, schema: z.ZodType<T>): Promise<T> => {
    const reply = await send(request);
    return parseJson(name, reply.body ?? new Uint8Array(), schema);
  };

  return { send, json, failure, note: (text) => deps.log?.(`# ${text}`) };
}

/**
 * Reads an answer that should be JSON. A proxy's page with status 200, or an answer cut off in the middle, must never pass
 * for "no messages".
 * @throws AppError `bad-answer` (transient)
 */
export function parseJson<T>(name: string, body: Uint8Array, schema: z.ZodType<T>): T {
  let cause: unknown;
  try {
    const parsed = schema.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)));
    if (parsed.success) return parsed.data;
    cause = parsed.error;
  } catch (error) {
    cause = error;
  }
  const message = `${name} answered with something else than its API does (a proxy's page, or half an answer). Letterbox tries again by itself.`;
  throw new AppError('bad-answer', 'transient', message, { step: 'connect', cause });
}

/** The provider's words in an error body of the usual shape `{error: {message}}`; undefined for anything else. */
function errorText(body: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null || !('error' in parsed)) return undefined;
    const { error } = parsed;
    if (typeof error !== 'object' || error === null || !('message' in error)) return undefined;
    return typeof error.message === 'string' ? error.message : undefined;
  } catch {
    return undefined;
  }
}
