import { getAppContext } from '@forge/api';
import type { AsyncEvent } from '@forge/events';
import { resolverTimeoutMs } from './domain/limits';
import type { OpenMailbox } from './domain/ports';
import type { IntakePorts } from './intake/intake-ports';
import { jiraIssues } from './jira/issues';
import { isJiraAdministrator } from './jira/permissions';
import { issueTypesOf, searchProjects } from './jira/projects';
import { log } from './log';
import { forgeGateway, gatewayMailbox } from './mail/gateway-client';
import { parseMessage } from './mail/mime';
import { connectionHandlers } from './resolvers/connections';
import { guardedResolver } from './resolvers/define';
import { targetHandlers } from './resolvers/jira-targets';
import { connectionStore } from './store/connections';
import { cursorStore } from './store/cursors';
import { planStateStore } from './store/plan-state';
import { receiptStore } from './store/receipts';
import { secretStore } from './store/secrets';
import { planPolls } from './triggers/plan-polls';
import { pollQueue, readPollEvent } from './triggers/poll-queue';
import { runPolls } from './triggers/run-polls';

/**
 * The table of contents of manifest.yml: one export for each of its functions. The only place where adapters meet use cases.
 */

const gateway = forgeGateway('gateway');
const openMailbox: OpenMailbox = (settings, password) => gatewayMailbox(gateway, settings, password);
/** A page waits no longer than the platform lets a resolver run, whatever time the settings give the server. */
const openForPage: OpenMailbox = (settings, password) =>
  openMailbox({ ...settings, timeoutMs: Math.min(settings.timeoutMs, resolverTimeoutMs) }, password);

const now = () => Date.now();
const connections = connectionStore();
const secrets = secretStore();
const cursors = cursorStore();
const queue = pollQueue();

const intake: IntakePorts = {
  connections,
  secrets,
  cursors,
  receipts: receiptStore(),
  issues: jiraIssues(),
  openMailbox,
  parseMessage,
  log,
  now,
  remainingMs: () => getAppContext().invocationRemainingTimeInMillis(),
};

/** What the pages call. */
export const resolve = guardedResolver(
  {
    ...connectionHandlers({ connections, secrets, cursors, openMailbox: openForPage, queue, log, now }),
    ...targetHandlers({ searchProjects, issueTypes: issueTypesOf }),
  },
  { isAdministrator: isJiraAdministrator, log },
);

/** Every five minutes: plans the polls until the next time. */
export async function plan(): Promise<{ statusCode: number }> {
  await planPolls({ connections, planState: planStateStore(), queue, now });
  return { statusCode: 204 };
}

/** One queue event: polls its connections. */
export async function poll(event: AsyncEvent): Promise<void> {
  const request = readPollEvent(event.body);
  // Not thrown: the platform would only deliver it again, and the planner asks for the same polls every five minutes.
  if (request === null) log('warn', 'event-not-understood', { eventId: event.eventId });
  else await runPolls(intake, queue, request);
}
