import { createForge } from '../emulator/forge/create-forge';
import type { Forge, Product, ProductRequest, ProductResponse } from '../emulator/forge/forge';
import { createJira, type Jira, type JiraOptions } from '../emulator/jira/jira';

/** The adapter's world for a test: the app's installation on a local Jira that can be told to answer otherwise. */
export interface Site {
  jira: Jira;
  forge: Forge;
  /** Requests as they arrived at Jira. */
  requests: ProductRequest[];
  /** What Jira answers next instead of doing anything. */
  answerNext(status: number, body: unknown, headers?: Record<string, string>): void;
  /** Forgets what Jira was told to answer. */
  discard(): void;
  /** Epoch milliseconds. */
  now(): number;
  advance(milliseconds: number): void;
  close(): Promise<void>;
}

export async function openSite(options: Partial<JiraOptions> = {}): Promise<Site> {
  let ahead = 0;
  const clock = {
    now: () => Date.now() + ahead,
    advance: (milliseconds: number) => {
      ahead += milliseconds;
    },
  };
  const jira = createJira({
    clock,
    directory: null,
    entityProperties: [{ propertyKey: 'letterbox', values: [{ path: 'origin', type: 'string' }] }],
    ...options,
  });
  const requests: ProductRequest[] = [];
  const scripted: ProductResponse[] = [];
  const product: Product = {
    scopes: jira.scopes,
    handle: async (request) => {
      requests.push(request);
      return scripted.shift() ?? jira.handle(request);
    },
  };
  const forge = await createForge({
    manifest: new URL('../../manifest.yml', import.meta.url).pathname,
    functions: { resolve: () => undefined, plan: () => undefined, poll: () => undefined },
    products: { jira: product },
    remotes: {},
    directory: null,
    clock,
  });
  return {
    jira,
    forge,
    requests,
    answerNext: (status, body, headers = {}) => {
      const isText = typeof body === 'string';
      scripted.push({
        status,
        headers: { 'content-type': isText ? 'text/html' : 'application/json', ...headers },
        body: isText ? body : JSON.stringify(body),
      });
    },
    discard: () => void scripted.splice(0),
    now: clock.now,
    advance: clock.advance,
    close: async () => {
      await forge.close();
      jira.close();
    },
  };
}
