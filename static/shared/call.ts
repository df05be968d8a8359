import { invoke } from '@forge/bridge';
import type { FunctionName, Payload, Result, Values } from '../../src/resolvers/contract';
import { recentChanges } from './recent-changes';

type Failure = Extract<Result<unknown>, { ok: false }>['error'];

/** What a call failed with. `message` is for the reader; `fields` maps the path of a form field to what is wrong with it. */
export class PageError extends Error {
  readonly code: string;
  readonly fields: Readonly<Record<string, string>>;
  /** The step of reaching a mailbox that failed. */
  readonly step: string | null;
  /** The mail server's own words. */
  readonly detail: string | null;
  /** What went over the wire before, where Debug was on. */
  readonly protocol: readonly string[];

  constructor(failure: Omit<Failure, 'kind'>, cause?: unknown) {
    super(failure.message, { cause });
    this.name = 'PageError';
    this.code = failure.code;
    this.fields = failure.fields ?? {};
    this.step = failure.step ?? null;
    this.detail = failure.detail ?? null;
    this.protocol = failure.protocol ?? [];
  }
}

/** Any thrown value as a `PageError`: what the bridge itself throws says nothing that helps a reader. */
export function toPageError(thrown: unknown): PageError {
  if (thrown instanceof PageError) return thrown;
  const message = 'Letterbox did not answer. Check your connection to the network, then try again.';
  return new PageError({ code: 'no-answer', message }, thrown);
}

const changes = recentChanges();

/**
 * Calls a function of the app. Lists have what was changed on this page, also while the storage's queries are behind.
 * @throws PageError with the code of the app's error; `no-answer` when there was none.
 */
export async function call<K extends FunctionName>(name: K, payload: Payload<K>): Promise<Values[K]> {
  let result: Result<Values[K]>;
  try {
    const answer = await invoke<Result<Values[K]>>(name, payload);
    result = 'body' in answer ? answer.body : answer;
  } catch (thrown) {
    throw toPageError(thrown);
  }
  if (!result.ok) throw new PageError(result.error);
  changes.note(name, payload, result.value);
  return changes.merged(name, payload, result.value);
}
