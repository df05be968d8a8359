/** What a page in its frame and the product around it say to each other, by `postMessage`. */

export interface Place {
  pathname: string;
  search: string;
  hash: string;
  state: unknown;
}

export interface Theme {
  colorMode: 'light' | 'dark';
}

/** What the server tells the product's page about the frame. */
export interface FrameConfig {
  module: string;
  /** Where the frame's page is served from, with a trailing slash. */
  frameUrl: string;
  /** Part of the address that the app's own paths come after, without a trailing slash. */
  base: string;
  /** Null: nobody is signed in. */
  accountId: string | null;
  /** What `view.getContext` answers. */
  context: Record<string, unknown>;
  /** Hosts of the world outside that are on this machine: name → where. */
  hosts: Readonly<Record<string, string>>;
}

export type FromFrame =
  | { letterbox: 'call'; id: number; operation: string; payload: unknown }
  | { letterbox: 'go'; how: 'push' | 'replace'; place: Place }
  | { letterbox: 'go-back'; delta: number };

export type ToFrame =
  | { letterbox: 'answer'; id: number; ok: true; value: unknown }
  | { letterbox: 'answer'; id: number; ok: false; message: string }
  | { letterbox: 'place'; place: Place; action: 'POP' | 'PUSH' }
  | { letterbox: 'theme'; theme: Theme }
  | { letterbox: 'event'; event: string; payload: unknown }
  | { letterbox: 'flag-action'; flag: string; index: number }
  | { letterbox: 'modal-closed'; id: number; payload: unknown };
