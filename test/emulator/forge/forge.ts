import type { AccountReports } from './account-reports';
import type { License } from './installation';

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
  /**
   * Part of `<method> <target><path>`, where the target is `jira`, `confluence`, `remote:<key>`, `kvs`, `queue` or a host:
   * `POST jira/rest/api/3/issue`, `kvs/api/v1/set`, `remote:gateway/v1/mailbox/fetch`, `queue/publish polls`, `graph.microsoft.com`. KVS calls
   * end in the keys that they name: `kvs/api/v1/set receipt:`. A `*` stands for anything, a `$` at the end of `match` for the end.
   */
  match: string;
  /** How many matching calls pass before the first one fails. */
  skip?: number;
  /** Before the call has its effect, or after. */
  when: 'before' | 'after';
  /**
   * `error` answers `status` (500), `timeout` answers that time is over, `hang` never answers at all, `kill` ends the
   * invocation there.
   */
  kind: 'error' | 'timeout' | 'hang' | 'kill';
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
  logs: { lines: number; bytes: number; dropped: number };
  /** Of each limit by its name: what the fullest window (or invocation) used, and the calls that were refused. */
  limits: Record<string, { most: number; of: number; refused: number }>;
  /** Calls that suffered a fault, by its `<when> <kind> <match>`. */
  faults: Record<string, number>;
}

/** A call of function code that leaves its invocation; `label` is what faults match. */
export interface SeenCall {
  functionKey: string;
  label: string;
}

/** An event that waits or runs. Times in epoch milliseconds. */
export interface QueuedEvent {
  queueName: string;
  body: Record<string, unknown>;
  dueAt: number;
  concurrency: { key: string; limit: number } | null;
  retries: number;
}

export type InvokeResult = { ok: true; value: unknown } | { ok: false; error: unknown };

export interface Forge {
  /**
   * Calls a resolver function of a module as a user. `accountId` null: nobody is signed in. `extension` is what the product tells
   * of the place (`{issue: {key}}`). A value with a boolean `ok` is the result itself; any other is wrapped.
   */
  invoke(call: {
    module: string;
    functionKey: string;
    payload: unknown;
    accountId: string | null;
    extension?: Record<string, unknown>;
  }): Promise<InvokeResult>;
  /**
   * Runs a scheduled trigger now, then everything that is due and every event that the trigger pushed for the next five minutes, in
   * due order, without moving the clock. Retries and delayed pushes of consumers stay for their time. Returns how many invocations
   * that took.
   */
  trigger(key: string): Promise<{ invocations: number }>;
  /** Runs `fn` as the code of a function, for tests of what stands on `@forge/*`; rejects when the invocation is ended by force. */
  run<T>(fn: () => T | Promise<T>, options?: { accountId?: string | null; timeoutSeconds?: number }): Promise<T>;
  /** Calls a web trigger by its module key, or by the last part of its URL. */
  webTrigger(
    key: string,
    request: {
      method: string;
      path: string;
      headers: Record<string, string>;
      query: Record<string, string[]>;
      body: string;
    },
  ): Promise<ProductResponse>;
  /** Moves the clock; events (and, once started, triggers) that become due run in due order, and this returns when they have. */
  advance(seconds: number): Promise<void>;
  /** Runs what is due now until nothing is. */
  drain(): Promise<void>;
  /** Starts running scheduled triggers and due events by themselves, as the platform does. */
  start(): void;
  usage(): Usage;
  /** From now on `usage().limits` tells of what comes. */
  forgetLimits(): void;
  /** Events that are not finished, in due order. */
  events(): QueuedEvent[];
  /** Keys and values; secrets as `"***"`. Entities as `<entity>/<key>`. */
  storage(prefix: string): Record<string, unknown>;
  setFaults(faults: readonly Fault[]): void;
  /**
   * Customer-managed egress as the bridge of a page asks for it: `get`, `set`, `deleteDomain` or `deleteGroup`, by a user who has
   * agreed to it. @throws EgressRefusal
   */
  customerEgress(operation: string, payload: unknown, accountId: string | null): Promise<unknown>;
  /** Runs `preUninstall`, whatever comes of it, and uninstalls the app: events that wait are dropped, and nothing runs any more. Its storage stays for a while. */
  uninstall(): Promise<void>;
  /**
   * Installs it again, as another installation that was relinked to the storage of the one before. Its web triggers have other
   * addresses.
   */
  reinstall(): Promise<void>;
  /** Reports of personal data that the app made, and what they hear. */
  accountReports: Pick<AccountReports, 'reports' | 'setStatus'>;
  /** The license that the platform tells of, to functions and pages; undefined for a free app, which it begins as. */
  license(): License | undefined;
  setLicense(license: License | undefined): void;
  /** Public keys for invocation tokens. */
  jwks(): Promise<unknown>;
  /** Ends what runs and writes nothing any more. */
  close(): Promise<void>;
}
