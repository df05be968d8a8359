import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ApiFault, type ApiFaults, createApiFaults } from './faults';

/** Who a bearer token stands for. */
export interface Access {
  /** Address of the mailbox of the person who signed in; of an app itself: any text. */
  mailbox: string;
  /** Scopes, or roles of an application. */
  scopes: readonly string[];
  application?: boolean;
}

/** Looks at a bearer token; null when it is not (or no longer) good. */
export type VerifyToken = (token: string) => Access | null | Promise<Access | null>;

export interface ApiCall {
  method: string;
  /** Without the query, percent-encoded as it came. */
  path: string;
  query: URLSearchParams;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: Buffer;
  access: Access;
  inBatch: boolean;
}

export interface ApiAnswer {
  status: number;
  headers?: Record<string, string>;
  /** Sent as JSON; bytes as they are; nothing for undefined. */
  body?: unknown;
}

export interface LoggedCall {
  method: string;
  path: string;
  status: number;
  /** True for a call inside a batch: no request of its own. */
  inBatch: boolean;
  headers: Record<string, string>;
}

export interface ApiServer {
  url: string;
  faults: ApiFaults;
  /** Every call so far, in the order of their answers. */
  calls: LoggedCall[];
  /** Runs a call of a batch, with its faults, and logs it. */
  dispatch(call: ApiCall): Promise<ApiAnswer>;
  close(): Promise<void>;
}

/** What differs between providers. */
export interface ApiProvider {
  verify: VerifyToken;
  handle(call: ApiCall): ApiAnswer | Promise<ApiAnswer>;
  /** The provider's own error answer. */
  refuse(status: number): ApiAnswer;
  /** The page's body with itself as the next page. */
  repeatPage(call: ApiCall, body: unknown): unknown;
}

/** A provider's HTTPS API on a free local port, in clear: what comes before it stands for TLS. */
export async function startApiServer(provider: ApiProvider): Promise<ApiServer> {
  const faults = createApiFaults();
  const calls: LoggedCall[] = [];

  const run = async (call: ApiCall): Promise<{ answer: ApiAnswer; fault: ApiFault | null }> => {
    const query = call.query.toString();
    const label = `${call.method} ${decodeURIComponent(call.path)}${query === '' ? '' : `?${decodeURIComponent(query)}`}`;
    const fault = faults.take(label);
    if (fault?.kind === 'meanwhile') fault.does?.();
    let answer = fault?.kind === 'status' ? refusal(fault) : await provider.handle(call);
    if (fault?.kind === 'status-after') answer = refusal(fault);
    if (fault?.kind === 'same-page' && answer.status < 300)
      answer = { ...answer, body: provider.repeatPage(call, answer.body) };
    calls.push({
      method: call.method,
      path: label.slice(call.method.length + 1),
      status: answer.status,
      inBatch: call.inBatch,
      headers: call.headers,
    });
    return { answer, fault };
  };
  const refusal = (fault: ApiFault): ApiAnswer => {
    const usual = provider.refuse(fault.status ?? 500);
    return {
      ...usual,
      headers: { ...usual.headers, ...(fault.retryAfter === undefined ? {} : { 'Retry-After': fault.retryAfter }) },
      ...(fault.body === undefined ? {} : { body: fault.body }),
    };
  };

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const url = new URL(request.url ?? '/', 'http://localhost');
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    const access = token === undefined ? null : await provider.verify(token);
    if (access === null) {
      calls.push({
        method: request.method ?? '',
        path: `${url.pathname}${url.search}`,
        status: 401,
        inBatch: false,
        headers,
      });
      return send(response, provider.refuse(401), null);
    }
    const call = {
      method: request.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      headers,
      body: Buffer.concat(chunks),
      access,
      inBatch: false,
    };
    const { answer, fault } = await run(call);
    send(response, answer, fault);
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(`The emulator failed: ${String(error)}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    faults,
    calls,
    dispatch: async (call) => (await run(call)).answer,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, answer: ApiAnswer, fault: ApiFault | null): void {
  const body = encode(answer.body);
  const type = answer.body instanceof Uint8Array ? 'text/plain' : 'application/json; charset=UTF-8';
  const headers = { 'content-type': type, ...answer.headers };
  switch (fault?.kind) {
    case 'html':
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!doctype html><title>Sign in to the network</title>');
      return;
    case 'half-json':
      response.writeHead(answer.status, headers).end(body.subarray(0, Math.floor(body.byteLength / 2)));
      return;
    case 'cut':
      response.writeHead(answer.status, { ...headers, 'content-length': String(body.byteLength) });
      response.write(body.subarray(0, Math.floor(body.byteLength / 2)), () => response.destroy());
      return;
    case 'reset':
      response.destroy();
      return;
    case 'stall':
      return;
    case 'drip': {
      response.writeHead(answer.status, headers);
      let sent = 0;
      const timer = setInterval(() => response.write(body.subarray(sent, ++sent)), 1_000);
      response.on('close', () => clearInterval(timer));
      return;
    }
    default:
      response.writeHead(answer.status, answer.body === undefined ? answer.headers : headers).end(body);
  }
}

function encode(body: unknown): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  return body instanceof Uint8Array ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
}
