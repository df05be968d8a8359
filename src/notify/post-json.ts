import { answerText } from '../domain/answer-text';
import { AppError } from '../domain/app-error';
import { isEgressAnswer, isEgressRefusal } from '../domain/egress-refusal';
import { inTime } from '../domain/in-time';
import { alertLimits } from '../domain/limits';
import { redactText } from '../domain/redact';
import { retryAfterMs } from '../domain/retry-after';
import { cutText, singleLine } from '../domain/text';

/** What posting an alert needs of the world. */
export interface PostDeps {
  /** In a function this is the platform's gate, which lets through only the hosts that an administrator agreed to. */
  fetch: typeof globalThis.fetch;
  /** Epoch milliseconds. */
  now(): number;
}

export interface Post {
  /** The other side in texts for people: "Slack". */
  name: string;
  url: string;
  headers?: Record<string, string>;
  body: unknown;
  /** What the other side may repeat, and nobody is to see. */
  secrets: readonly string[];
  /** Says what a refusal means in the other side's own terms; null: the status alone decides. */
  explain?(status: number, answer: string): string | null;
}

/** Longest piece of an answer that people are shown. */
const replyChars = 200;

/**
 * Posts JSON and returns the answer as one line of text. It never repeats a request: whoever called decides.
 * @throws AppError `transient` (unreachable, slow, throttled, 5xx), `access` (URL or key refused, host not allowed); `uncertain` when
 * the request may have had its effect
 */
export async function postJson(deps: PostDeps, post: Post): Promise<{ reply: string }> {
  const { response, text } = await exchange(deps, post);
  const answer = redactText(singleLine(text), post.secrets);
  if (response.ok) return { reply: cutText(answer, replyChars) || `HTTP ${response.status}` };
  throw refusal(deps, post, response, answer);
}

async function exchange(
  deps: PostDeps,
  { name, url, headers, body }: Post,
): Promise<{ response: Response; text: string }> {
  const late = new Error('No answer in time.');
  try {
    return await inTime(
      alertLimits.timeoutMs,
      () => late,
      async ({ signal }) => {
        const response = await deps.fetch(url, {
          method: 'POST',
          headers: { accept: 'application/json, text/plain', ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(body),
          // A redirect would carry the alert, and the secret header, to a host that nobody agreed to.
          redirect: 'manual',
          signal,
        });
        return { response, text: (await answerText(response, alertLimits.answerBytes)).text };
      },
    );
  } catch (cause) {
    if (isEgressRefusal(cause)) throw hostNotAllowed(url);
    // The cause is left out: it may name the URL, which is a secret.
    const isLate = cause === late;
    const message = isLate
      ? `${name} did not answer within ${alertLimits.timeoutMs / 1_000} seconds: the alert may have arrived.`
      : `${name} can't be reached, or the connection broke: the alert may have arrived. Check the address.`;
    throw new AppError(isLate ? 'timeout' : 'unreachable', 'transient', message, { uncertain: !isUnsent(cause) });
  }
}

function hostNotAllowed(url: string): AppError {
  const message = `Letterbox may not send to ${new URL(url).hostname}. Open the rule and save it: you are asked to allow the host. If it was allowed, an administrator took that back under Connected apps.`;
  return new AppError('host-not-allowed', 'access', message);
}

/** The proxy limits our requests, and sent none. Its other codes are published nowhere: each of them leaves open what happened. */
const isUnsent = (thrown: unknown): boolean => thrown instanceof Error && 'status' in thrown && thrown.status === 429;

function refusal(
  deps: PostDeps,
  { name, url, explain }: Post,
  { status, headers }: Response,
  answer: string,
): AppError {
  if (isEgressAnswer(status, answer)) return hostNotAllowed(url);
  const wait = retryAfterMs(headers, deps.now());
  const detail = answer || undefined;
  const explained = explain?.(status, answer) ?? null;
  if (status === 429 || status === 503) {
    const message = `${name} asks to slow down (HTTP ${status}). Letterbox sends the alert later.`;
    return new AppError('throttled', 'transient', message, { retryAfterMs: wait, detail });
  }
  if (explained !== null) return new AppError('alert-refused', 'access', explained, { detail });
  if (status >= 300 && status < 400) {
    const message = `${name} answered with a redirect (HTTP ${status}), which Letterbox does not follow. Enter the address that it leads to.`;
    return new AppError('redirected', 'access', message);
  }
  if (status === 408 || status >= 500) {
    const message = `${name} has trouble at the moment (HTTP ${status}). Letterbox sends the alert again later.`;
    return new AppError('alert-trouble', 'transient', message, { retryAfterMs: wait, detail });
  }
  const message = `${name} refused the alert (HTTP ${status}). Check the address and the secrets of the rule.`;
  return new AppError('alert-refused', 'access', message, { detail });
}
