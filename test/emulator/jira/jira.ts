import type { Clock } from '../clock';
import type { Product, ProductRequest, ProductResponse } from '../forge/forge';
import { type Exchange, JiraRefusal, type JiraSettings, json, userOf } from './exchange';
import { createRateLimits, documentedRates } from './rate-limits';
import { matchRoute, type Route } from './routes';
import { type JiraState, openState } from './state';

export interface JiraOptions extends Partial<JiraSettings> {
  clock: Clock;
  /** Where issues and attachments are kept; null keeps them in memory. */
  directory: string | null;
}

/** A Jira Cloud site as an app sees it through `requestJira`, and its content for those who want to look. */
export interface Jira extends Product {
  state: JiraState;
  settings: JiraSettings;
  /** Points of the app's quota that all requests so far have cost. */
  points(): number;
  close(): void;
}

const MiB = 1024 * 1024;

/** Answers what Jira Cloud's REST API v3 answers, refusals included, to the requests that a mail app makes. */
export function createJira({ clock, directory, ...options }: JiraOptions): Jira {
  const settings: JiraSettings = {
    siteUrl: 'https://letterbox.atlassian.test',
    searchLagMs: 2_000,
    propertyLagMs: options.searchLagMs ?? 2_000,
    attachmentLimit: 1_000 * MiB,
    entityProperties: [],
    ...documentedRates,
    ...options,
  };
  const state = openState(directory, clock, settings);
  const rates = createRateLimits(settings, clock);

  const handle = async (request: ProductRequest): Promise<ProductResponse> => {
    const url = new URL(request.path, settings.siteUrl);
    const match = matchRoute(request.method, url.pathname);
    if (match === 'no-path') return json(404, { errorMessages: ['Not Found'], errors: {} });
    if (match === 'no-method') return json(405, { errorMessages: ['Method Not Allowed'], errors: {} });
    const { route, params } = match;
    const issueId = state.find(params[0] ?? '')?.id;
    const refusal = rates.refusal(route, issueId);
    if (refusal !== null) return refusal;
    const exchange: Exchange = { request, url, params, user: userOf(request), state, settings, now: clock.now() };
    const response = await answerOf(route, exchange);
    return rates.counted(route, issueId, response);
  };

  return {
    handle,
    scopes: (method, path) => {
      const match = matchRoute(method, new URL(path, settings.siteUrl).pathname);
      return typeof match === 'string' ? [] : [[match.route.scope]];
    },
    state,
    settings,
    points: rates.points,
    close: state.close,
  };
}

async function answerOf(route: Route, exchange: Exchange): Promise<ProductResponse> {
  try {
    return await route.answer(exchange);
  } catch (error) {
    if (!(error instanceof JiraRefusal)) throw error;
    return json(error.status, { errorMessages: error.errorMessages, errors: error.errors });
  }
}
