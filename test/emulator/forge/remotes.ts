import { randomBytes } from 'node:crypto';
import { countEgress, send } from './egress';
import { proxyError } from './gate';
import type { Identity } from './installation';
import type { Invocation } from './invocation';
import { functionLimits } from './limits';
import type { Manifest } from './manifest';
import type { Tokens } from './tokens';
import type { Meter } from './usage';

/** Sends an `invokeRemote` to where the remote really is, with an invocation token. */
export function createRemoteCaller(settings: {
  manifest: Manifest;
  /** Base URLs that take the place of the manifest's. */
  baseUrls: Readonly<Record<string, string>>;
  identity: Identity;
  tokens: Tokens;
  meter: Meter;
}): (invocation: Invocation, remoteKey: string, path: string, request: Request) => Promise<Response> {
  const { manifest, baseUrls, identity, tokens, meter } = settings;
  return async (invocation, remoteKey, path, request) => {
    const remote = manifest.remotes.get(remoteKey);
    if (!remote?.compute) return proxyError(400, 'INVALID_REMOTE');
    const refused = countEgress(invocation, meter, `remote:${remoteKey}`);
    if (refused) return refused;
    const body = await request.clone().arrayBuffer();
    if (body.byteLength > functionLimits.payloadBytes) return proxyError(413, 'PAYLOAD_TOO_LARGE');

    const headers = new Headers(request.headers);
    headers.set('authorization', `Bearer ${await tokens.sign(identity.tokenClaims(invocation.moduleKey))}`);
    headers.set('x-b3-traceid', randomBytes(16).toString('hex'));
    headers.set('x-b3-spanid', randomBytes(8).toString('hex'));
    const base = (baseUrls[remoteKey] ?? remote.baseUrl).replace(/\/$/, '');
    const response = await send(invocation, request, `${base}/${path.replace(/^\//, '')}`, headers);
    const bytes = await response.clone().arrayBuffer();
    return bytes.byteLength > functionLimits.payloadBytes ? proxyError(413, 'PAYLOAD_TOO_LARGE') : response;
  };
}
