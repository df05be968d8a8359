import { EgressFilteringService } from '@forge/egress';
import { egressRefused } from './codes';
import { proxyError } from './gate';
import { type Invocation, remainingMs } from './invocation';
import { egressPorts, functionLimits } from './limits';
import type { Meter } from './usage';

/** Takes an egress request off the invocation's account; null when it may go out, else the proxy's answer. */
export function countEgress(invocation: Invocation, meter: Meter, target: string): Response | null {
  const most = functionLimits.egressPerMinute * Math.ceil(invocation.timeoutMs / 60_000);
  const refused = invocation.egressRequests >= most;
  if (!refused) invocation.egressRequests += 1;
  meter.limit('egress requests an invocation', invocation.egressRequests, most, refused);
  if (refused) return proxyError(429, 'TOO_MANY_REQUESTS');
  meter.egress(target);
  return null;
}

/** Whether the manifest lets function code reach a URL; null if so, else the proxy's answer. */
export function createEgressFilter(backendHosts: readonly string[]): (url: URL) => Response | null {
  const filter = new EgressFilteringService([...backendHosts]);
  return (url) => {
    if (url.protocol !== 'https:') return proxyError(400, 'HTTPS_ONLY');
    const port = url.port === '' ? 443 : Number(url.port);
    if (!filter.isValidUrl(`${url.protocol}//${url.hostname}${url.pathname}`)) return proxyError(403, egressRefused);
    return egressPorts.has(port) ? null : proxyError(403, egressRefused);
  };
}

/**
 * Sends a request over the machine's network and reads the whole answer; what can not be reached is an answer of the proxy. Redirects
 * are the caller's to follow, since each is a request of its own.
 */
export async function send(
  invocation: Invocation,
  request: Request,
  url: string,
  headers: Headers,
  longestMs: number = functionLimits.outboundRequestMs,
): Promise<Response> {
  const body = request.method === 'GET' || request.method === 'HEAD' ? null : await request.arrayBuffer();
  const limit = AbortSignal.timeout(Math.ceil(Math.min(remainingMs(invocation), longestMs)));
  headers.delete('content-length');
  try {
    const response = await fetch(url, { method: request.method, headers, body, redirect: 'manual', signal: limit });
    const bytes = await response.arrayBuffer();
    const kept = new Headers(response.headers);
    // The body was unpacked on its way here.
    for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) kept.delete(name);
    const empty = response.status === 204 || response.status === 205 || response.status === 304;
    return new Response(empty ? null : bytes, {
      status: response.status,
      statusText: response.statusText,
      headers: kept,
    });
  } catch {
    return limit.aborted ? proxyError(504, 'TIMED_OUT') : proxyError(502, 'UPSTREAM_UNREACHABLE');
  }
}

/** What `fetch` rejects with when the proxy refused; the shape of `@forge/api`'s error, which can not be loaded here. */
export class ProxyRequestError extends Error {
  readonly status: number;
  readonly errorCode: string;
  constructor(status: number, errorCode: string) {
    super(`Forge platform failed to process runtime HTTP request - ${status} - ${errorCode}`);
    this.name = 'PROXY_ERR';
    this.status = status;
    this.errorCode = errorCode;
  }
}

/** @throws ProxyRequestError */
export function throwProxyError(response: Response): Response {
  const code = response.headers.get('forge-proxy-error');
  if (code !== null) throw new ProxyRequestError(response.status, code);
  return response;
}
