import * as z from 'zod';
import { AppError } from '../../domain/app-error';
import { type HttpApi, type HttpDeps, type HttpRequest, httpApi } from '../http';

/** The hosts of Microsoft Graph, one for each cloud; the app's manifest must allow them. */
export const graphHosts = {
  global: 'graph.microsoft.com',
  usGovernment: 'graph.microsoft.us',
  usDefense: 'dod-graph.microsoft.us',
  china: 'microsoftgraph.chinacloudapi.cn',
} as const;
export type GraphHost = (typeof graphHosts)[keyof typeof graphHosts];

export interface GraphSettings {
  /** Display names, levels separated by "/"; empty is the inbox. */
  folder: string;
  /** Whose mailbox: `me`, or an address (shared mailbox; always with application access). */
  mailbox: string;
  /** Access of the app itself (client credentials) rather than of a person who signed in. */
  application: boolean;
  host: GraphHost;
  timeoutMs: number;
}

export interface GraphApi extends HttpApi {
  /** Path of the mailbox: everything about it hangs below. */
  base: string;
  /** A link that Graph sent, as a path of ours. @throws AppError `bad-answer` when it leads to another host */
  pathOf(link: string): string;
}

/** The size that Exchange keeps for each message (PidTagMessageSize, MS-OXPROPS §2.796); Graph has no field for it. */
export const sizeProperty = 'Integer 0x0E08';

/** Ids that stay the same when a message is moved; it goes with every request, since it counts for that one only. */
const immutableIds = 'IdType="ImmutableId"';

export const folderSchema = z.object({
  id: z.string(),
  displayName: z.string(),
  childFolderCount: z.number().nullish(),
  totalItemCount: z.number().nullish(),
  unreadItemCount: z.number().nullish(),
  '@odata.type': z.string().optional(),
});
export type MailFolder = z.infer<typeof folderSchema>;
export const folderPageSchema = z.object({ value: z.array(folderSchema), '@odata.nextLink': z.string().optional() });
export const messageSchema = z.object({
  id: z.string(),
  receivedDateTime: z.string().nullish(),
  isRead: z.boolean().nullish(),
  singleValueExtendedProperties: z.array(z.object({ id: z.string(), value: z.string() })).nullish(),
  '@removed': z.unknown().optional(),
});
export type GraphMessage = z.infer<typeof messageSchema>;
export const messagePageSchema = z.object({
  value: z.array(messageSchema),
  '@odata.nextLink': z.string().optional(),
  '@odata.deltaLink': z.string().optional(),
  '@odata.count': z.number().optional(),
});

export function graphApi(settings: GraphSettings, deps: HttpDeps): GraphApi {
  const origin = `https://${settings.host}`;
  const base = settings.mailbox === 'me' ? '/v1.0/me' : `/v1.0/users/${encodeURIComponent(settings.mailbox)}`;
  const api = httpApi(
    {
      name: 'Microsoft 365',
      origin,
      timeoutMs: settings.timeoutMs,
      explain: (status, body) => explain(settings, status, body),
    },
    deps,
  );
  const withImmutableIds = (request: HttpRequest): HttpRequest => {
    const prefer = request.headers?.prefer === undefined ? immutableIds : `${immutableIds}, ${request.headers.prefer}`;
    return { ...request, headers: { ...request.headers, prefer } };
  };
  return {
    ...api,
    send: (request) => api.send(withImmutableIds(request)),
    json: (request, schema) => api.json(withImmutableIds(request), schema),
    base,
    pathOf: (link) => {
      const url = URL.canParse(link) ? new URL(link) : null;
      // The token goes wherever this link leads: only the host that was chosen may get it.
      if (url?.origin === origin && url.pathname.startsWith('/v1.0/')) return url.pathname + url.search;
      throw new AppError(
        'bad-answer',
        'transient',
        'Microsoft 365 sent a link to another host. Letterbox does not follow it.',
        { step: 'count' },
      );
    },
  };
}

/** The path with OData parameters; spaces become %20, since Graph does not take "+" everywhere. */
export function withQuery(path: string, query: Record<string, string | number | undefined>): string {
  const parameters = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return `${path}?${parameters.join('&')}`;
}

/** Code and message of an error answer; empty for anything else. */
export function readError(body: string): { code: string; message: string } {
  try {
    return z.object({ error: z.object({ code: z.string(), message: z.string().default('') }) }).parse(JSON.parse(body))
      .error;
  } catch {
    return { code: '', message: '' };
  }
}

const noMailboxCodes = new Set(['MailboxNotEnabledForRESTAPI', 'MailboxNotSupportedForRESTAPI']);
const noUserCodes = new Set([
  'ErrorInvalidUser',
  'Request_ResourceNotFound',
  'ResourceNotFound',
  'ErrorNonExistentMailbox',
]);

/**
 * What Microsoft 365 means by a refusal. Exchange says "Inbox not found" or "access denied" alike when a person may not
 * open somebody else's mailbox: what is missing is named here.
 */
function explain(settings: GraphSettings, status: number, body: string): AppError | null {
  const { code, message } = readError(body);
  const access = (name: string, text: string) =>
    new AppError(name, 'access', text, { step: 'sign-in', detail: message || code });
  if (noMailboxCodes.has(code)) {
    return access(
      'no-mailbox',
      `${owner(settings)} has no mailbox in Exchange Online (no licence, or the mailbox is on a server of your own).`,
    );
  }
  if (status === 404 && noUserCodes.has(code)) {
    return access('no-mailbox', `${owner(settings)} is not known to this organisation. Check the address.`);
  }
  if (status === 403) return access('mailbox-access-denied', missingAccess(settings));
  // A mailbox that one may not open hides even its inbox.
  if (status === 404 && settings.mailbox !== 'me' && /default folder/i.test(message)) {
    return access('mailbox-access-denied', missingAccess(settings));
  }
  return null;
}

function owner({ mailbox }: GraphSettings): string {
  return mailbox === 'me' ? 'The account that signed in' : `"${mailbox}"`;
}

function missingAccess({ mailbox, application }: GraphSettings): string {
  if (application) {
    return `The app may not open the mailbox ${mailbox}. In Microsoft Entra grant the application permission Mail.ReadWrite with admin consent; in Exchange check that no application access policy (or RBAC scope) leaves this mailbox out.`;
  }
  if (mailbox === 'me') {
    return 'The account was connected without the permission Mail.ReadWrite. Authorize the connection again and accept the permissions asked for.';
  }
  return `The account that signed in may not open the shared mailbox ${mailbox}. Either the permission Mail.ReadWrite.Shared was not granted (authorize the connection again), or the account lacks Full Access to the mailbox (Exchange admin center, the mailbox, Delegation, Read and manage).`;
}
