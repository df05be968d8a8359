import type { TestContext } from 'node:test';
import { type GraphSettings, graphHosts } from '../../../src/mail/graph/graph-api';
import { graphMailbox } from '../../../src/mail/graph/graph-mailbox';
import { type Clock, systemClock } from '../../emulator/clock';
import { startMicrosoft } from '../../emulator/microsoft/microsoft';
import type { Access } from '../../emulator/provider/api-server';
import { routedFetch } from '../../support/routed-fetch';

export const address = 'desk@contoso.example';

export interface GraphOptions {
  access?: Access;
  clock?: Clock;
  timeoutMs?: number;
  names?: Record<string, string>;
  /** Runs before each request that the adapter makes. */
  onRequest?: (url: string) => void;
}

/** An empty Microsoft 365 mailbox with an access token, which `revoke` makes worthless until it is renewed. */
export async function setUpGraph(context: TestContext, options: GraphOptions = {}) {
  const {
    access = { mailbox: address, scopes: ['Mail.ReadWrite'] },
    clock = systemClock(),
    timeoutMs = 10_000,
    names,
    onRequest = () => undefined,
  } = options;
  // Tokens are numbered; those before `oldest` are refused.
  let oldest = 1;
  let given = 1;
  const refreshes: number[] = [];
  const microsoft = await startMicrosoft({
    verify: (bearer) => (Number(bearer.replace('token-', '')) >= oldest ? access : null),
    clock,
  });
  microsoft.addMailbox(address, names);
  context.after(() => microsoft.close());
  const hosts = Object.fromEntries(Object.values(graphHosts).map((host) => [host, microsoft.url]));
  const routed = routedFetch(hosts);
  const open = (settings: Partial<GraphSettings> = {}) =>
    graphMailbox(
      { folder: '', mailbox: 'me', application: false, host: 'graph.microsoft.com', timeoutMs, ...settings },
      {
        fetch: (input, init) => {
          onRequest(String(input));
          return routed(input, init);
        },
        now: () => clock.now(),
        getAccessToken: async (wish) => {
          if (wish?.forceRefresh) {
            refreshes.push(given);
            given += 1;
          }
          return `token-${given}`;
        },
      },
    );
  // Exchange keeps seconds: mail is a second apart unless a test says otherwise, so that its order is known.
  let received = clock.now() - 24 * 60 * 60_000;
  return {
    microsoft,
    clock,
    open,
    mailbox: open(),
    refreshes,
    deliver: (raw: Uint8Array | string, to: { folder?: string; receivedAt?: number; read?: boolean } = {}) => {
      received += 1_000;
      return microsoft.deliver(raw, { mailbox: address, receivedAt: received, ...to });
    },
    /** The current token is refused from now on; a renewed one is good unless `forGood`. */
    revoke: (forGood = false) => {
      oldest = forGood ? Number.POSITIVE_INFINITY : given + 1;
    },
    /** Requests over the wire since the last call of this. */
    requests: () => microsoft.calls.splice(0).filter(({ inBatch }) => !inBatch),
  };
}
