import type { ApiAnswer, ApiCall } from '../provider/api-server';
import { graphError } from './errors';

const mostCalls = 20;

interface BatchRequest {
  id: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: unknown;
}

/** `/$batch`: each call by itself; the answers come in another order. */
export async function runBatch(outer: ApiCall, dispatch: (call: ApiCall) => Promise<ApiAnswer>): Promise<ApiAnswer> {
  const requests = readRequests(outer.body.toString());
  if (requests === null) return graphError(400, 'BadRequest', 'Invalid batch payload format.');
  if (requests.length > mostCalls)
    return graphError(400, 'BadRequest', `Number of batch request steps exceeds the maximum value of ${mostCalls}.`);
  if (new Set(requests.map(({ id }) => id)).size < requests.length)
    return graphError(400, 'BadRequest', 'Batch request ids are not unique.');
  const responses: unknown[] = [];
  for (const request of requests) {
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const url = new URL(`http://localhost/v1.0/${request.url.replace(/^\//, '')}`);
    const body = Buffer.from(request.body === undefined ? '' : JSON.stringify(request.body));
    const answer = await dispatch({
      ...outer,
      method: request.method,
      path: url.pathname,
      query: url.searchParams,
      headers,
      body,
      inBatch: true,
    });
    responses.unshift({
      id: request.id,
      status: answer.status,
      headers: { 'Cache-Control': 'no-cache', 'Content-Type': 'application/json', ...answer.headers },
      ...(answer.body === undefined
        ? {}
        : { body: answer.body instanceof Uint8Array ? Buffer.from(answer.body).toString('base64') : answer.body }),
    });
  }
  return { status: 200, body: { responses } };
}

function readRequests(text: string): BatchRequest[] | null {
  try {
    const { requests } = Object(JSON.parse(text));
    if (!Array.isArray(requests)) return null;
    return requests.map((request: unknown) => {
      const { id, method, url, headers = {}, body } = Object(request);
      if (typeof id !== 'string' || typeof method !== 'string' || typeof url !== 'string')
        throw new Error('incomplete');
      if (body !== undefined && !Object.keys(Object(headers)).some((name) => name.toLowerCase() === 'content-type'))
        throw new Error('no type');
      return { id, method, url, headers, body };
    });
  } catch {
    return null;
  }
}
