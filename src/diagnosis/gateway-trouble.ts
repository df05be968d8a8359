import type { GatewayTrouble } from '../domain/diagnosis';

/** What each trouble looks like, why it is so, and what to do. */
export const gatewayTexts: Readonly<Record<GatewayTrouble, { value: string; reason: string; step: string }>> = {
  timeout: {
    value: 'No answer in time',
    reason:
      'The address leads somewhere, but nothing answers there: a firewall drops the requests, or the gateway hangs.',
    step: 'See whether the gateway runs, and whether its firewall lets Atlassian’s addresses in (HTTPS).',
  },
  tls: {
    value: 'No secure connection',
    reason: 'The certificate at the gateway’s address is not trusted, has expired, or is for another name.',
    step: 'Put a certificate before the gateway that the public trusts, for exactly the name in its address.',
  },
  unreachable: {
    value: 'Not reached',
    reason: 'Nothing took the connection: the address is wrong, its name is not known, or the gateway is down.',
    step: 'Compare the gateway’s address under Connected apps with where it runs, and see whether it runs.',
  },
  audience: {
    value: 'Refused: it serves another app',
    reason: 'The gateway checked the token, and its GATEWAY_AUDIENCE is not the id of this app.',
    step: 'Set GATEWAY_AUDIENCE to the app’s id (below), and restart the gateway.',
  },
  'token-time': {
    value: 'Refused: its clock is wrong',
    reason: 'Tokens are good for 25 seconds only, and by the gateway’s clock this one is not.',
    step: 'Have the gateway’s host set its clock from the network (NTP).',
  },
  token: {
    value: 'Refused: the token was not taken',
    reason:
      'The gateway, or something in front of it, does not take the token that Atlassian sends: a proxy may have removed it.',
    step: 'Let the header “authorization” pass through whatever stands before the gateway.',
  },
  keys: {
    value: 'It can’t check who asks',
    reason: 'The gateway could not fetch the keys that Atlassian signs its requests with.',
    step: 'Let the gateway’s host reach forge.cdn.prod.atlassian-dev.net over HTTPS.',
  },
  busy: {
    value: 'Too much to do',
    reason: 'The gateway has no place for another request.',
    step: 'Run this again in a moment. If it stays, raise GATEWAY_REQUESTS, or run more gateways.',
  },
  stranger: {
    value: 'Something else answers',
    reason: 'A server answers there, but not as a gateway of this version: it is an older one, or no gateway at all.',
    step: 'Compare the gateway’s address under Connected apps with where it runs, and update the gateway.',
  },
  failed: {
    value: 'It failed',
    reason: 'The gateway, or what stands before it, answered with an error.',
    step: 'Look into the gateway’s log, and that of the proxy before it.',
  },
};
