import type { Clock } from '../clock';
import type { ProductResponse } from '../forge/forge';
import { isObject, json } from './exchange';
import type { Route } from './routes';

/**
 * The three limits of Jira Cloud (https://developer.atlassian.com/cloud/jira/platform/rate-limiting/): points an hour, requests a
 * second of an endpoint, writes to an issue. Where that page leaves something open, what is stricter is done.
 */
export interface RateSettings {
  /** Points of the app in one UTC hour. */
  pointsAnHour: number;
  /** Whose quota that is: of all customers of the app together (the default of all apps), or of this one. */
  quota: 'global' | 'tenant';
  /** Requests a second of one endpoint, by method. The size of the bucket is not published: it holds one second. */
  requestsASecond: Readonly<Record<string, number>>;
}

export const documentedRates: RateSettings = {
  pointsAnHour: 65_000,
  quota: 'global',
  requestsASecond: { GET: 100, POST: 100, PUT: 50, DELETE: 50 },
};

/** Writes to one issue: so many in so many milliseconds. */
const issueWindows = [
  { writes: 20, ms: 2_000 },
  { writes: 100, ms: 30_000 },
] as const;

const hourMs = 3_600_000;
/** Of the quota that is left, below which each answer says how much that is. */
const nearLimit = 0.2;

export interface RateLimits {
  /** The refusal of a request; null if it may go on. @param issueId the issue that it writes to */
  refusal(route: Route, issueId: string | undefined): ProductResponse | null;
  /** Counts what a request came to, and gives its answer the headers of the quota. @param issueId the issue that it wrote to */
  counted(route: Route, issueId: string | undefined, response: ProductResponse): ProductResponse;
  /** Points since the beginning. */
  points(): number;
}

export function createRateLimits(settings: RateSettings, clock: Clock): RateLimits {
  let hour = 0;
  let spent = 0;
  let total = 0;
  const buckets = new Map<string, { tokens: number; at: number }>();
  const writes = new Map<string, number[]>();

  const spentNow = () => {
    const now = Math.floor(clock.now() / hourMs);
    if (now !== hour) spent = 0;
    hour = now;
    return spent;
  };
  const hasToken = ({ method, path }: Route): boolean => {
    const rate = settings.requestsASecond[method] ?? 50;
    const now = clock.now();
    const { tokens, at } = buckets.get(`${method} ${path}`) ?? { tokens: rate, at: now };
    const filled = Math.min(rate, tokens + ((now - at) / 1_000) * rate);
    buckets.set(`${method} ${path}`, { tokens: filled < 1 ? filled : filled - 1, at: now });
    return filled >= 1;
  };
  /** Milliseconds until the issue may be written to. */
  const issueWaitMs = (issueId: string): number => {
    const now = clock.now();
    const times = (writes.get(issueId) ?? []).filter((at) => now - at < 30_000);
    writes.set(issueId, times);
    return Math.max(
      0,
      ...issueWindows.map(({ writes: most, ms }) => {
        const recent = times.filter((at) => now - at < ms);
        return recent.length < most ? 0 : (recent[recent.length - most] ?? now) + ms - now;
      }),
    );
  };
  const quotaName = () => (settings.quota === 'global' ? 'global-app-quota' : 'tenant-app-quota');
  const hourLeftMs = () => hourMs - (clock.now() % hourMs);

  return {
    refusal: (route, issueId) => {
      if (spentNow() >= settings.pointsAnHour) {
        const reason = `jira-quota-${settings.quota}-based`;
        const response = tooMany(clock, reason, settings.pointsAnHour, hourLeftMs());
        return {
          ...response,
          headers: { ...response.headers, ratelimit: `"${quotaName()}";r=0;t=${seconds(hourLeftMs())}` },
        };
      }
      if (!hasToken(route)) {
        return tooMany(clock, 'jira-burst-based', settings.requestsASecond[route.method] ?? 50, 1_000);
      }
      const waitMs = issueId === undefined || !writesIssue(route) ? 0 : issueWaitMs(issueId);
      return waitMs > 0 ? tooMany(clock, 'jira-per-issue-on-write', 20, waitMs) : null;
    },
    counted: (route, issueId, response) => {
      const points = pointsOf(route, response);
      spent = spentNow() + points;
      total += points;
      const written = issueId ?? createdId(route, response);
      if (written !== undefined && writesIssue(route))
        writes.set(written, [...(writes.get(written) ?? []), clock.now()]);
      const left = Math.max(0, settings.pointsAnHour - spent);
      const isNear = left < settings.pointsAnHour * nearLimit;
      const rate = settings.requestsASecond[route.method] ?? 50;
      return {
        ...response,
        headers: {
          ...response.headers,
          'ratelimit-policy': `"${quotaName()}";q=${settings.pointsAnHour};w=3600`,
          ratelimit: `"${quotaName()}";${isNear ? `r=${left};` : ''}t=${seconds(hourLeftMs())}`,
          'x-ratelimit-limit': String(rate),
          'x-ratelimit-remaining': String(Math.floor(buckets.get(`${route.method} ${route.path}`)?.tokens ?? rate)),
          ...(isNear && { 'x-ratelimit-nearlimit': 'true' }),
        },
      };
    },
    points: () => total,
  };
}

const seconds = (milliseconds: number) => Math.ceil(milliseconds / 1_000);

const writesIssue = ({ method, path }: Route): boolean =>
  method !== 'GET' && (path === 'issue' || path.startsWith('issue/*'));

/** Making an issue is the first write to it. */
function createdId({ method, path }: Route, { status, body }: ProductResponse): string | undefined {
  if (method !== 'POST' || path !== 'issue' || status !== 201) return undefined;
  const made: unknown = JSON.parse(String(body));
  return isObject(made) ? String(made.id) : undefined;
}

function tooMany(clock: Clock, reason: string, limit: number, waitMs: number): ProductResponse {
  const response = json(429, { errorMessages: ['Rate limit exceeded.'], errors: {} });
  const headers = {
    ...response.headers,
    'retry-after': String(seconds(waitMs)),
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': `${new Date(clock.now() + seconds(waitMs) * 1_000).toISOString().slice(0, 19)}Z`,
    'ratelimit-reason': reason,
  };
  return { ...response, headers };
}

/** Reads that are asked by POST; the page counts what they return as it counts a GraphQL query. */
const readsByPost: readonly string[] = ['search/jql', 'permissions/check'];
const identityPaths = /^(user|users|myself|mypermissions|permissions)(\/|$)/;

/** One point for the call; a read besides one for each thing that it returns, two where that is a user or a permission. */
function pointsOf({ method, path }: Route, { status, headers, body }: ProductResponse): number {
  const isRead = method === 'GET' || readsByPost.includes(path);
  if (!isRead || status >= 300 || !(headers['content-type'] ?? '').startsWith('application/json')) return 1;
  return (
    1 +
    thingsIn(JSON.parse(typeof body === 'string' ? body : Buffer.from(body).toString())) *
      (identityPaths.test(path) ? 2 : 1)
  );
}

const lists = ['issues', 'values', 'issueTypes', 'comments', 'keys', 'permissions'] as const;

function thingsIn(body: unknown): number {
  if (Array.isArray(body)) return body.length;
  if (!isObject(body)) return 0;
  for (const name of lists) {
    const list = body[name];
    if (Array.isArray(list)) return list.length;
    if (isObject(list)) return Object.keys(list).length;
  }
  const { attachment } = isObject(body.fields) ? body.fields : {};
  return 1 + (Array.isArray(attachment) ? attachment.length : 0);
}
