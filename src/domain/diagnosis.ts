/** The checks of the diagnosis page, in its order: each looks at one thing that no document says, or that a site can have broken. */
export const checkNames = [
  'gateway',
  'bytes',
  'time',
  'clock',
  'scopes',
  'hosts',
  'polls',
  'storage',
  'search',
] as const;
export type CheckName = (typeof checkNames)[number];

/** `good` only for what was looked at just now; `unknown` for what could not be. */
export type CheckState = 'good' | 'attention' | 'failed' | 'unknown';

/** What a check saw. Holds no secret and no address of a mailbox: people send it to whoever helps them. */
export interface Finding {
  state: CheckState;
  /** What was seen: "0.3 seconds, version 0.1.0". */
  value: string;
  /** Why it is so, or what it means; null where nothing is to be said. */
  reason: string | null;
  /** What to do now; null where nothing is to be done. */
  step: string | null;
}

/** Why no answer of the gateway came, as far as it shows in what came instead. */
export const gatewayTroubles = [
  'timeout',
  'tls',
  'unreachable',
  'audience',
  'token-time',
  'token',
  'keys',
  'busy',
  'stranger',
  'failed',
] as const;
export type GatewayTrouble = (typeof gatewayTroubles)[number];

export type Probed<T> =
  | { ok: true; value: T }
  | {
      ok: false;
      trouble: GatewayTrouble;
      /** A status or a code, for whoever runs the gateway. */
      detail: string;
      /** The gateway's clock (epoch milliseconds), where it told it all the same. */
      at: number | null;
    };

/** Asks the gateway about itself and the way to it; nothing of mail. Never throws. */
export interface GatewayProbe {
  /** `at`: the gateway's clock, epoch milliseconds. */
  hello(): Promise<Probed<{ version: string; at: number }>>;
  /** All 256 values of a byte, in order, if they come as they were sent. */
  bytes(): Promise<Probed<Uint8Array>>;
  /** Is answered after so many seconds. */
  hold(seconds: number): Promise<Probed<null>>;
}

/** A record that is there only to see when a query lists it. */
export interface QueryProbe {
  write(id: string): Promise<void>;
  lists(id: string): Promise<boolean>;
  remove(id: string): Promise<void>;
}

/** What the administrator of the site has consented to; null: the platform does not tell. */
export interface Granted {
  scopes: readonly string[] | null;
  hosts: readonly string[] | null;
}

/** Of this installation of the app; null: the platform does not tell. */
export interface InstallationFacts {
  /** What the gateway's GATEWAY_AUDIENCE has to be. */
  appId: string;
  appVersion: string | null;
  environment: string | null;
  installationId: string;
  callbackUrl: string | null;
  nodeVersion: string;
}
