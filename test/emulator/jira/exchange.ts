import type { ProductRequest, ProductResponse } from '../forge/forge';
import type { RateSettings } from './rate-limits';
import { appAccountId, findUser, type User } from './site';
import type { JiraState } from './state';

/** A refusal as Jira words it: `{errorMessages, errors}`. */
export class JiraRefusal extends Error {
  readonly status: number;
  readonly errorMessages: string[];
  readonly errors: Record<string, string>;

  constructor(status: number, errorMessages: string[], errors: Record<string, string> = {}) {
    super([...errorMessages, ...Object.values(errors)].join(' '));
    this.status = status;
    this.errorMessages = errorMessages;
    this.errors = errors;
  }
}

export interface JiraSettings extends RateSettings {
  /** Where this Jira is reached; in `self` links. */
  siteUrl: string;
  /** Milliseconds that search lags behind, on the emulator's clock. */
  searchLagMs: number;
  /** Milliseconds that the index of properties lags behind; infinite: it never works. */
  propertyLagMs: number;
  /** Bytes of one attachment. */
  attachmentLimit: number;
  /** What the manifest's `jira:entityProperty` modules make searchable. */
  entityProperties: readonly EntityProperty[];
}

export interface EntityProperty {
  entityType?: string;
  propertyKey: string;
  values: readonly { path: string; type: string; searchAlias?: string }[];
}

/** One request on its way through a route. */
export interface Exchange {
  request: ProductRequest;
  url: URL;
  /** The path's variable parts. */
  params: string[];
  /** Null: nobody is signed in. */
  user: User | null;
  state: JiraState;
  settings: JiraSettings;
  now: number;
}

export function userOf(request: ProductRequest): User | null {
  if (request.as.type === 'none') return null;
  return findUser(request.as.type === 'app' ? appAccountId : request.as.accountId) ?? null;
}

/** The user of a route that nobody may call anonymously. */
export function signedIn({ user }: Exchange): User {
  if (user === null) throw new JiraRefusal(401, ['Client must be authenticated to access this resource.']);
  return user;
}

export function json(status: number, body: unknown): ProductResponse {
  return { status, headers: { 'content-type': 'application/json;charset=UTF-8' }, body: JSON.stringify(body) };
}

export const noContent: ProductResponse = { status: 204, headers: {}, body: '' };

/** The JSON body of a request. */
export function parsedBody(request: ProductRequest): unknown {
  if (!(request.headers['content-type'] ?? '').toLowerCase().includes('application/json')) {
    throw new JiraRefusal(415, ['Unsupported Media Type']);
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(request.body));
  } catch {
    throw new JiraRefusal(400, ['There was an error parsing JSON. Check that your request body is valid.']);
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A JSON body that must be an object. */
export function objectBody(request: ProductRequest): Record<string, unknown> {
  const body = parsedBody(request);
  if (!isObject(body))
    throw new JiraRefusal(400, ['Invalid request payload. Refer to the REST API documentation and try again.']);
  return body;
}

/** A whole number of the query, within limits; Jira answers 400 to what is none. */
export function queryNumber(url: URL, name: string, fallback: number, max: number): number {
  const text = url.searchParams.get(name);
  if (text === null) return fallback;
  if (!/^\d+$/.test(text)) throw new JiraRefusal(400, [`The value of '${name}' is not a valid number.`]);
  return Math.min(Number(text), max);
}

/** A comma separated list, which may also be given by repeating the name. */
export const queryList = (url: URL, name: string): string[] =>
  url.searchParams
    .getAll(name)
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '');
