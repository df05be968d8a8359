import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Ajv, type ValidateFunction } from 'ajv';

/** Slack, Teams, Opsgenie and a webhook of somebody's own, which refuse what the real ones refuse. */
export interface AlertReceivers {
  /** For the emulator: where each host is. */
  hosts: Record<string, string>;
  /** What was taken, in order. */
  taken: Taken[];
  /** Opsgenie's alerts by alias. */
  opsgenie: Map<string, { body: Record<string, unknown>; open: boolean; count: number }>;
  /** Requests that came, taken or not. */
  requests: number;
  /** Answers instead of the receiver, until it is taken out again. */
  answer: { status: number; headers?: Record<string, string>; body: string } | null;
  close(): Promise<void>;
}

export interface Taken {
  host: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
}

export const slackUrl = 'https://hooks.slack.com/services/T00/B00/slackSecretInPath';
export const teamsUrl =
  'https://defaultaaaa.aa.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/1/triggers/manual/paths/invoke?api-version=1&sig=teamsSecretSignature';
export const logicUrl =
  'https://prod-23.westeurope.logic.azure.com/workflows/1/triggers/manual/paths/invoke?sig=logicSecret';
export const customUrl = 'https://alerts.example.com/letterbox/customSecretInPath';
export const opsgenieKey = 'eb243592-faa2-4ba2-a551-opsgenieSecret';
export const headerSecret = 'Bearer headerSecretValue';

export async function alertReceivers(): Promise<AlertReceivers> {
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const url = `http://127.0.0.1:${address.port}`;
  const names = [slackUrl, teamsUrl, logicUrl, customUrl].map((text) => new URL(text).host);
  const receivers: AlertReceivers = {
    hosts: Object.fromEntries([...names, 'api.opsgenie.com', 'api.eu.opsgenie.com'].map((name) => [name, url])),
    taken: [],
    opsgenie: new Map(),
    requests: 0,
    answer: null,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receivers;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    receivers.requests += 1;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const host = String(request.headers['x-forwarded-host']);
    const reply = (status: number, body: string, headers: Record<string, string> = {}) =>
      response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(body);
    const { answer } = receivers;
    if (answer !== null) return void reply(answer.status, answer.body, answer.headers);
    if (request.method !== 'POST') return void reply(405, 'method_not_allowed');
    let body: Record<string, unknown>;
    try {
      body = JSON.parse(text);
    } catch {
      return void reply(400, 'invalid_payload');
    }
    const call: Taken = { host, path: request.url ?? '', headers: request.headers, body };
    const [status, said] = receive(call, text.length);
    if (status < 300) receivers.taken.push(call);
    reply(status, said);
  }

  function receive(call: Taken, size: number): [status: number, answer: string] {
    if (call.host === 'hooks.slack.com') return slack(call);
    if (call.host.endsWith('opsgenie.com')) return opsgenie(call);
    if (call.host === 'alerts.example.com') return [200, 'thank you'];
    return teams(call, size);
  }

  function opsgenie({ headers, path, body }: Taken): [number, string] {
    const refuse = (status: number, message: string): [number, string] => [status, JSON.stringify({ message })];
    const key = String(headers.authorization);
    if (!key.startsWith('GenieKey ')) return refuse(401, 'Could not authenticate');
    if (key !== `GenieKey ${opsgenieKey}`) return refuse(422, 'Key format is not valid!');
    const accepted: [number, string] = [202, JSON.stringify({ result: 'Request will be processed', requestId: 'r1' })];
    const closing = /^\/v2\/alerts\/([^/?]+)\/close\?identifierType=alias$/.exec(path);
    if (closing !== null) {
      const alert = receivers.opsgenie.get(decodeURIComponent(closing[1] ?? ''));
      if (alert !== undefined) alert.open = false;
      return accepted;
    }
    if (path !== '/v2/alerts') return refuse(404, 'Not found');
    if (!isOpsgenieAlert(body)) return refuse(422, JSON.stringify(isOpsgenieAlert.errors));
    const alias = String(body.alias);
    const known = receivers.opsgenie.get(alias);
    if (known?.open) known.count += 1;
    else receivers.opsgenie.set(alias, { body, open: true, count: 1 });
    return accepted;
  }
}

/** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors */
function slack({ path, body }: Taken): [number, string] {
  if (path === '/services/T00/B00/gone') return [404, 'no_service'];
  if (path === '/services/T00/B00/archived') return [410, 'channel_is_archived'];
  if (path === '/services/T00/B00/prohibited') return [403, 'action_prohibited'];
  if (path !== new URL(slackUrl).pathname) return [403, 'invalid_token'];
  if (body.text === undefined && body.blocks === undefined) return [400, 'no_text'];
  return isSlackMessage(body) ? [200, 'ok'] : [400, 'invalid_blocks'];
}

/** Power Automate answers before the flow runs, and Teams takes cards of up to 28 KB. */
function teams({ path, body }: Taken, size: number): [number, string] {
  if (!/[?&]sig=\w/.test(path)) return [401, '{"error":{"code":"DirectApiAuthorizationRequired"}}'];
  if (size > 28 * 1024) return [413, 'Request Entity too large'];
  return isTeamsMessage(body) ? [202, ''] : [400, JSON.stringify(isTeamsMessage.errors)];
}

const ajv = new Ajv({ allErrors: true, strict: false });
const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength });
const object = (properties: Record<string, unknown>, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const textObject = (type: string, maxLength: number) =>
  object({ type: { const: type }, text: text(maxLength), emoji: { type: 'boolean' } }, ['type', 'text']);

/** The kinds of blocks that we use, by Slack's reference of Block Kit. */
const isSlackMessage: ValidateFunction = ajv.compile(
  object({
    text: text(40_000),
    blocks: {
      type: 'array',
      minItems: 1,
      maxItems: 50,
      items: {
        oneOf: [
          object({ type: { const: 'header' }, text: textObject('plain_text', 150) }),
          object({ type: { const: 'section' }, text: textObject('mrkdwn', 3_000) }),
          object({
            type: { const: 'context' },
            elements: { type: 'array', minItems: 1, maxItems: 10, items: textObject('mrkdwn', 3_000) },
          }),
        ],
      },
    },
  }),
);

const run = object(
  {
    type: { const: 'TextRun' },
    text: { type: 'string' },
    size: { enum: ['Default', 'Small', 'Medium', 'Large', 'ExtraLarge'] },
    weight: { enum: ['Default', 'Lighter', 'Bolder'] },
    color: { enum: ['Default', 'Dark', 'Light', 'Accent', 'Good', 'Warning', 'Attention'] },
    isSubtle: { type: 'boolean' },
    selectAction: object({ type: { const: 'Action.OpenUrl' }, url: { type: 'string', pattern: '^https://' } }),
  },
  ['type', 'text'],
);
/** The elements that we use, by the schema of adaptive cards 1.4, inside of the message that a workflow's trigger reads. */
const isTeamsMessage: ValidateFunction = ajv.compile(
  object({
    type: { const: 'message' },
    attachments: {
      type: 'array',
      minItems: 1,
      maxItems: 1,
      items: object({
        contentType: { const: 'application/vnd.microsoft.card.adaptive' },
        contentUrl: { type: 'null' },
        content: object(
          {
            type: { const: 'AdaptiveCard' },
            $schema: { const: 'http://adaptivecards.io/schemas/adaptive-card.json' },
            version: { const: '1.4' },
            actions: {
              type: 'array',
              minItems: 1,
              maxItems: 6,
              items: object({ type: { const: 'Action.OpenUrl' }, title: { type: 'string' }, url: { type: 'string' } }),
            },
            msteams: object({ width: { const: 'Full' } }),
            body: {
              type: 'array',
              minItems: 1,
              items: object({
                type: { const: 'RichTextBlock' },
                spacing: { enum: ['Default', 'None', 'Small', 'Medium', 'Large', 'ExtraLarge', 'Padding'] },
                inlines: { type: 'array', minItems: 1, items: run },
              }),
            },
          },
          ['type', '$schema', 'version', 'msteams', 'body'],
        ),
      }),
    },
  }),
);

/** https://docs.opsgenie.com/docs/alert-api#create-alert */
const isOpsgenieAlert: ValidateFunction = ajv.compile(
  object(
    {
      message: text(130),
      alias: text(512),
      description: { type: 'string', maxLength: 15_000 },
      entity: { type: 'string', maxLength: 512 },
      source: { type: 'string', maxLength: 100 },
      priority: { enum: ['P1', 'P2', 'P3', 'P4', 'P5'] },
      tags: { type: 'array', maxItems: 20, items: text(50) },
    },
    ['message'],
  ),
);
