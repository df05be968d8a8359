import { jsonResponse } from './gate';

/**
 * What an answer's codes are. `published`: those of documentation, packages and reports, and of our own where there are none;
 * `other`: each that no page of the documentation promises is another one, so that nothing depends on it.
 */
export type Codes = 'published' | 'other';

/** The name that `@forge/api` has for it. */
export const egressRefused = 'REQUEST_EGRESS_ALLOWLIST_ERR';

/** `@forge/api` and `@forge/kvs` read these names. */
const readByPackages = ['NEEDS_AUTHENTICATION_ERR', 'KEY_NOT_FOUND'];

/** Refusals of the storage that FORGE.md §4 leaves open, their status too where it does. */
const storageCodes: Readonly<Record<string, { code: string; status?: number }>> = {
  // Only its status is sure.
  KEY_CONFLICT: { code: 'DUPLICATE_ITEM' },
  CONDITIONAL_CHECK_FAILED: { code: 'PRECONDITION_NOT_MET', status: 412 },
  TOO_MANY_REQUESTS: { code: 'RATE_LIMIT_EXCEEDED' },
};

/** The answer to a call, as function code gets it. @param label as faults match it */
export async function recoded(codes: Codes, label: string, response: Response): Promise<Response> {
  if (codes === 'published') return response;
  const proxyCode = response.headers.get('forge-proxy-error');
  if (proxyCode === egressRefused) {
    // An answer like that of any host, which only its text gives away.
    return jsonResponse(403, { message: 'The egress policy of this app does not allow the request.' });
  }
  if (proxyCode !== null && !readByPackages.includes(proxyCode)) {
    const code = `PLATFORM_ERROR_${response.status}`;
    return jsonResponse(response.status, { code, message: code }, { 'forge-proxy-error': code });
  }
  if (response.ok || !/^POST kvs/.test(label)) return response;
  const body = await response.clone().json();
  const other = readByPackages.includes(body.code) ? undefined : (storageCodes[body.code] ?? { code: 'REFUSED' });
  return other === undefined
    ? response
    : jsonResponse(other.status ?? response.status, { code: other.code, message: body.message });
}
