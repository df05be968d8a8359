import type { AuthorizationCallback } from '../domain/oauth-ports';

/** What Forge hands to a web trigger's function, as far as it is used here. */
export interface WebTriggerRequest {
  queryParameters?: Record<string, string[] | undefined> | undefined;
}

/** Names one of the fixed pages in manifest.yml. They are public, so they tell nothing but where to go on. */
export interface WebTriggerOutput {
  outputKey: 'connected' | 'failed';
}

/** Longer than any provider's code or state; what is longer is not from one. */
const parameterChars = 8_192;

/**
 * The page that Google and Microsoft send people back to. Why something failed stands on the administrator's page only:
 * whoever calls this address may be anybody (RELIABILITY: security 11).
 */
export function oauthCallback(complete: (callback: AuthorizationCallback) => Promise<void>) {
  return async (request: WebTriggerRequest): Promise<WebTriggerOutput> => {
    const parameter = (name: string) => {
      const values = request.queryParameters?.[name] ?? [];
      // A parameter that comes twice has two readers that may disagree about it (RFC 6749 §3.1).
      const [value] = values.length === 1 ? values : [];
      return value !== undefined && value.length <= parameterChars ? value : '';
    };
    try {
      await complete({
        state: parameter('state'),
        code: parameter('code'),
        error: parameter('error'),
        errorDescription: parameter('error_description'),
      });
      return { outputKey: 'connected' };
    } catch {
      return { outputKey: 'failed' };
    }
  };
}
