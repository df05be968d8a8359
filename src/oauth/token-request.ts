import { answerText } from '../domain/answer-text';
import { AppError } from '../domain/app-error';
import type { OAuthProviderName } from '../domain/credential';
import { hostNotAllowed, isEgressAnswer, isEgressRefusal } from '../domain/egress-refusal';
import { inTime } from '../domain/in-time';
import { retryAfterMs } from '../domain/retry-after';
import { tokenAnswerBytes, tokenRequestTimeoutMs } from './limits';
import { refusal } from './refusal';

export interface TokenRequest {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  /** A form; absent for GET. */
  body?: string | undefined;
  /** The member without which the answer is not one, whatever its status says. */
  expects?: string | undefined;
}

export interface TokenAnswer {
  status: number;
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

export type SendTokenRequest = (request: TokenRequest) => Promise<TokenAnswer>;

export interface TokenRequestDeps {
  /** The function's own `fetch`, which is the only way out. */
  fetch: typeof fetch;
  /** Epoch milliseconds. */
  now(): number;
}

/**
 * The one way to a provider's endpoints, beneath both libraries: what comes back is a successful JSON answer, or an
 * `AppError` that says what to do. Neither library gets to retry on its own or to put a request, which holds the client
 * secret, into an error.
 * @throws AppError `token-endpoint-unreachable`, `token-endpoint-busy`, and those of `refusal`
 */
export function tokenRequests(provider: OAuthProviderName, deps: TokenRequestDeps): SendTokenRequest {
  const name = provider === 'google' ? 'Google' : 'Microsoft';
  return async (request) => {
    const { response, text } = await exchange(request);
    const after = { retryAfterMs: retryAfterMs(response.headers, deps.now()) };
    if (isEgressAnswer(response.status, text)) throw hostNotAllowed(new URL(request.url).hostname);
    if (response.status === 429 || response.status >= 500) {
      throw new AppError(
        'token-endpoint-busy',
        'transient',
        `${name}'s sign-in service is busy (HTTP ${response.status}). Letterbox tries again by itself.`,
        after,
      );
    }
    const body = jsonObject(text);
    if (typeof body?.error === 'string') throw refusal(provider, response.status, body);
    const isWhole = request.expects === undefined || typeof body?.[request.expects] === 'string';
    if (body === null || !response.ok || !isWhole) {
      // A proxy's page or a cut answer: it says nothing about the token, so the connection must not be suspended for it.
      throw new AppError(
        'token-endpoint-busy',
        'transient',
        `${name}'s sign-in service sent something else than its answer (HTTP ${response.status}). Letterbox tries again by itself.`,
        after,
      );
    }
    return { status: response.status, headers: Object.fromEntries(response.headers), body };
  };

  async function exchange(request: TokenRequest): Promise<{ response: Response; text: string }> {
    try {
      return await inTime(tokenRequestTimeoutMs, late, async ({ signal }) => {
        const response = await deps.fetch(request.url, {
          method: request.method,
          headers: request.headers,
          // A redirect would carry the client secret to wherever it points.
          redirect: 'error',
          signal,
          ...(request.body === undefined ? {} : { body: request.body }),
        });
        const { text, cut } = await answerText(response, tokenAnswerBytes);
        return { response, text: cut ? '' : text };
      });
    } catch (thrown) {
      if (isEgressRefusal(thrown)) throw hostNotAllowed(new URL(request.url).hostname);
      throw new AppError(
        'token-endpoint-unreachable',
        'transient',
        `${name}'s sign-in service could not be reached or did not answer in time. Letterbox tries again by itself.`,
        // Only the name: the error itself may hold the request, and so the client secret.
        { cause: thrown instanceof Error ? thrown.name : undefined, uncertain: true },
      );
    }
  }
}

const late = () => new DOMException('No answer came in time.', 'TimeoutError');

function jsonObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
