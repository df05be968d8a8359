/**
 * The local Forge as the rest of the emulator, the local host and the tests see it.
 * One `Forge` is one installation of one app on one site.
 */
export interface ProductRequest {
  method: string;
  /** With query string: `/rest/api/3/project/search?query=a`. */
  path: string;
  /** Lower-case names. */
  headers: Record<string, string>;
  body: Uint8Array;
  /** Who asks: the app itself, a user through the app, or nobody. Scopes were checked before. */
  as: { type: 'app' } | { type: 'user'; accountId: string } | { type: 'none' };
}

export interface ProductResponse {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array | string;
}

/** A product's REST API behind `requestJira` or `requestConfluence`. */
export interface Product {
  handle(request: ProductRequest): Promise<ProductResponse>;
  /** The OAuth scopes (any one of each inner list) that the manifest must hold for a request; empty: none is needed. */
  scopes(method: string, path: string): string[][];
}

export interface Fault {
  /** Part of `<method> <host or store><path>`, e.g. `jira/rest/api/3/issue`, `kvs/api/v1/set`, `remote/v1/mailbox/fetch`, `graph.microsoft.com`. */
  match: string;
  /** Before the call has its effect, or after. */
  when: 'before' | 'after';
  /** `error` answers `status` (500), `timeout` never answers within the caller's limit, `kill` ends the invocation there. */
  kind: 'error' | 'timeout' | 'kill';
  status?: number;
  /** How many calls fail before the fault is used up. */
  times: number;
}

export interface Usage {
  invocations: Record<string, { count: number; milliseconds: number; gbSeconds: number; failures: number }>;
  kvs: { reads: number; writes: number; bytesRead: number; bytesWritten: number };
  queue: { events: number; bytes: number };
  /** Requests by host; `remote:<key>` and `jira`, `confluence` for those that Forge does not count as egress. */
  egress: Record<string, number>;
}

export type InvokeResult = { ok: true; value: unknown } | { ok: false; error: unknown };

export interface Forge {
  /** Calls a resolver function of a module as a user. `accountId` null: nobody is signed in. */
  invoke(call: { module: string; functionKey: string; payload: unknown; accountId: string | null }): Promise<InvokeResult>;
  /** Runs a scheduled trigger now and every event that it leads to, delayed ones too; returns how many invocations that took. */
  trigger(key: string): Promise<{ invocations: number }>;
  /** Calls a web trigger. */
  webTrigger(
    key: string,
    request: { method: string; path: string; headers: Record<string, string>; query: Record<string, string[]>; body: string },
  ): Promise<ProductResponse>;
  /** Moves the clock; events that become due run, and this returns when they have. */
  advance(seconds: number): Promise<void>;
  /** Runs what is due now until nothing is. */
  drain(): Promise<void>;
  /** Starts running scheduled triggers and due events by themselves, as the platform does. */
  start(): void;
  usage(): Usage;
  /** Keys and values; secrets as `"***"`. Entities as `<entity>/<key>`. */
  storage(prefix: string): Record<string, unknown>;
  setFaults(faults: readonly Fault[]): void;
  /** Public keys for invocation tokens. */
  jwks(): Promise<unknown>;
  close(): Promise<void>;
}
