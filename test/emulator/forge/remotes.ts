import { randomBytes } from 'node:crypto';
import { countEgress, send } from './egress';
import { proxyError } from './gate';
import type { Identity } from './installation';
import type { Invocation } from './invocation';
import { functionLimits } from './limits';
import type { Manifest } from './manifest';
import type { Tokens } from './tokens';
import type { Meter } from './usage';

/** What Forge may do with the answers of remotes; nobody has seen it on a real site (FORGE.md §5). */
export interface RemoteAnswers {
  /** `text`: an answer passes through as UTF-8, so that bytes which are none become U+FFFD ("by contract answers are JSON"). */
  as?: 'bytes' | 'text';
  /** The largest that is carried (5 MB); a larger one is refused by the proxy with 413. */
  bytes?: number;
  /** Milliseconds for a whole call (180 seconds); a longer one ends with the proxy's 504. */
  ms?: number;
  /** Larger answers are cut off there, without a word. */
  cutAt?: number;
}

/** Sends an `invokeRemote` to where the remote really is, with an invocation token. */
export function createRemoteCaller(settings: {
  manifest: Manifest;
  /** Base URLs that take the place of the manifest's. */
  baseUrls: Readonly<Record<string, string>>;
  identity: Identity;
  tokens: Tokens;
  meter: Meter;
  answers?: RemoteAnswers;
}): (invocation: Invocation, remoteKey: string, path: string, request: Request) => Promise<Response> {
  const { manifest, baseUrls, identity, tokens, meter, answers = {} } = settings;
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
    const response = await send(invocation, request, `${base}/${path.replace(/^\//, '')}`, headers, answers.ms);
    const bytes = Buffer.from(await response.clone().arrayBuffer());
    const most = Math.min(answers.bytes ?? Number.POSITIVE_INFINITY, functionLimits.payloadBytes);
    if (bytes.byteLength > most) return proxyError(413, 'PAYLOAD_TOO_LARGE');
    const { status, headers: kept } = response;
    if (bytes.byteLength > (answers.cutAt ?? Number.POSITIVE_INFINITY))
      return new Response(bytes.subarray(0, answers.cutAt), { status, headers: kept });
    return answers.as === 'text' ? new Response(bytes.toString('utf8'), { status, headers: kept }) : response;
  };
}
