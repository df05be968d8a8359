import type { ProductRequest, ProductResponse } from '../forge/forge';
import { createJira, type Jira, type JiraOptions } from './jira';

/** For tests: a Jira in memory whose clock moves on command. */
export interface TestJira {
  jira: Jira;
  clock: { now(): number; advance(milliseconds: number): void };
  ask(method: string, path: string, body?: unknown, as?: ProductRequest['as']): Promise<Answer>;
}

export interface Answer {
  status: number;
  // What Jira answers is read by tests only, field by field.
  // biome-ignore lint/suspicious/noExplicitAny: an answer has a different shape for each request
  body: any;
  headers: Record<string, string>;
}

export const admin = { type: 'user', accountId: 'admin' } as const;
export const agent = { type: 'user', accountId: 'agent' } as const;
export const customer = { type: 'user', accountId: 'customer' } as const;
export const nobody = { type: 'none' } as const;

export function testJira(options: Partial<JiraOptions> = {}): TestJira {
  let time = Date.parse('2026-11-20T08:00:00Z');
  const clock = {
    now: () => time,
    advance: (milliseconds: number) => {
      time += milliseconds;
    },
  };
  const jira = createJira({ clock, directory: null, ...options });
  return {
    jira,
    clock,
    ask: async (method, path, body, as = { type: 'app' }) => {
      const response = await jira.handle({
        method,
        path: `/rest/api/3/${path}`,
        headers: body === undefined ? {} : { 'content-type': 'application/json' },
        body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
        as,
      });
      return { status: response.status, headers: response.headers, body: parsed(response) };
    },
  };
}

function parsed({ body, headers }: ProductResponse): unknown {
  const text = typeof body === 'string' ? body : Buffer.from(body).toString();
  return headers['content-type']?.startsWith('application/json') ? JSON.parse(text) : text;
}

export const paragraph = (text: string) => ({
  type: 'doc',
  version: 1,
  content: [{ type: 'paragraph', content: [{ type: 'text', text }] }],
});

export const issueBody = (fields: Record<string, unknown> = {}, rest: Record<string, unknown> = {}) => ({
  fields: { project: { key: 'SUP' }, issuetype: { name: 'Task' }, summary: 'The printer is on fire', ...fields },
  ...rest,
});

/** An upload as `FormData` makes it. */
export async function upload(
  jira: Jira,
  issue: string,
  file: { name: string; type: string; bytes: Uint8Array<ArrayBuffer> },
  headers: Record<string, string> = { 'x-atlassian-token': 'no-check' },
): Promise<ProductResponse> {
  const form = new FormData();
  form.append('file', new Blob([file.bytes], { type: file.type }), file.name);
  const encoded = new Response(form);
  return jira.handle({
    method: 'POST',
    path: `/rest/api/3/issue/${issue}/attachments`,
    headers: { 'content-type': encoded.headers.get('content-type') ?? '', ...headers },
    body: new Uint8Array(await encoded.arrayBuffer()),
    as: { type: 'app' },
  });
}
