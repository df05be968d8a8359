import type { ApiAnswer, ApiCall } from '../provider/api-server';
import { googleError } from './errors';

const mostCalls = 100;
const statusWords: Record<number, string> = { 200: 'OK', 204: 'No Content', 404: 'Not Found' };

/** `/batch/gmail/v1`: the calls of a multipart/mixed body, each by itself; the answers come in another order. */
export async function runBatch(outer: ApiCall, dispatch: (call: ApiCall) => Promise<ApiAnswer>): Promise<ApiAnswer> {
  const boundary = /^multipart\/mixed;\s*boundary="?([^";]+)/i.exec(outer.headers['content-type'] ?? '')?.[1];
  if (boundary === undefined)
    return googleError(400, { message: 'Failed to parse batch request, error: no boundary.' });
  const parts = outer.body.toString('latin1').split(`--${boundary}`).slice(1, -1);
  if (parts.length === 0) return googleError(400, { message: 'Failed to parse batch request, error: 0 items.' });
  if (parts.length > mostCalls)
    return googleError(400, { message: `The batch request exceeds the limit of ${mostCalls} calls.` });
  const answers: string[] = [];
  for (const part of parts) {
    const [head = '', inner = '', body = ''] = part.replace(/^\r\n/, '').split('\r\n\r\n');
    const contentId = /content-id:\s*<?([^>\r\n]+)>?/i.exec(head)?.[1];
    const [, method, target] = /^(\w+) (\/\S+)/.exec(inner) ?? [];
    if (method === undefined || target === undefined)
      return googleError(400, { message: 'Failed to parse batch request, error: bad part.' });
    const url = new URL(target, 'http://localhost');
    const answer = await dispatch({
      ...outer,
      method,
      path: url.pathname,
      query: url.searchParams,
      body: Buffer.from(body.replace(/\r\n$/, ''), 'latin1'),
      inBatch: true,
    });
    answers.unshift(writePart(contentId, answer));
  }
  const limit = 'batch_emulated';
  const body = Buffer.from(`${answers.map((answer) => `--${limit}\r\n${answer}`).join('')}--${limit}--\r\n`, 'utf8');
  return { status: 200, headers: { 'content-type': `multipart/mixed; boundary=${limit}` }, body };
}

function writePart(contentId: string | undefined, answer: ApiAnswer): string {
  const headers = { 'Content-Type': 'application/json; charset=UTF-8', ...answer.headers };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const id = contentId === undefined ? '' : `Content-ID: <response-${contentId}>\r\n`;
  const body = answer.body === undefined ? '' : JSON.stringify(answer.body, null, 2);
  const status = `HTTP/1.1 ${answer.status} ${statusWords[answer.status] ?? 'Error'}`;
  return `Content-Type: application/http\r\n${id}\r\n${status}\r\n${lines.join('')}\r\n${body}\r\n`;
}
