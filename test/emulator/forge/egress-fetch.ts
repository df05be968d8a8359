import { countEgress, createEgressFilter, send, throwProxyError } from './egress';
import type { Gate } from './gate';
import type { Invocation, Platform } from './invocation';
import type { Manifest } from './manifest';
import type { Meter } from './usage';

const longestRedirectChain = 20;

/** `fetch` as function code has it: only to hosts of the manifest or those that an administrator agreed to, by way of Forge's proxy. */
export function createFetch(settings: {
  manifest: Manifest;
  gate: Gate;
  meter: Meter;
  /** Where requests to a host really go. */
  hosts: Readonly<Record<string, string>>;
  /** Hosts that administrators agreed to. */
  agreedHosts: () => string[];
}): Platform['fetch'] {
  const { manifest, gate, meter, hosts } = settings;
  const refuseEgress = (url: URL) => createEgressFilter([...manifest.backendHosts, ...settings.agreedHosts()])(url);

  const fetchOnce = async (invocation: Invocation, request: Request, url: URL): Promise<Response> => {
    const refused = refuseEgress(url) ?? countEgress(invocation, meter, url.host);
    if (refused) return refused;
    const emulated = hosts[url.host];
    const headers = new Headers(request.headers);
    if (emulated !== undefined) headers.set('x-forwarded-host', url.host);
    const target = emulated === undefined ? url.href : `${emulated.replace(/\/$/, '')}${url.pathname}${url.search}`;
    return send(invocation, request, target, headers);
  };

  return async (invocation, input, init) => {
    refuseStream(init?.body);
    let request = new Request(input, init);
    for (let hop = 0; ; hop += 1) {
      const url = new URL(request.url);
      const label = `${request.method} ${url.host}${url.pathname}${url.search}`;
      const sent = request;
      const signal = request.signal;
      const response = throwProxyError(
        await gate({ invocation, label, signal, effect: () => fetchOnce(invocation, sent.clone(), url) }),
      );
      const location = response.headers.get('location');
      if (request.redirect === 'manual' || location === null || ![301, 302, 303, 307, 308].includes(response.status)) {
        return response;
      }
      if (request.redirect === 'error' || hop >= longestRedirectChain) throw new TypeError('fetch failed: redirected');
      // Each hop is checked like any other request: a redirect is no way out.
      request = await redirected(request, response.status, new URL(location, url));
    }
  };
}

/** Fetch standard, "HTTP-redirect fetch": 307 and 308 repeat the request, the others ask again by GET. */
async function redirected(request: Request, status: number, target: URL): Promise<Request> {
  const { method, signal } = request;
  const headers = new Headers(request.headers);
  // Else another host would be handed the credentials.
  if (target.origin !== new URL(request.url).origin) headers.delete('authorization');
  if (method === 'GET' || method === 'HEAD') return new Request(target, { method, headers, signal });
  if (status !== 307 && status !== 308) return new Request(target, { headers, signal });
  return new Request(target, { method, headers, signal, body: await request.clone().arrayBuffer() });
}

/** @throws TypeError for a body that is a stream */
export function refuseStream(body: unknown): void {
  if (body instanceof ReadableStream) throw new TypeError('Forge can not stream a request body.');
}
