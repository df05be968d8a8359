import { getAppContext, privacy, webTrigger } from '@forge/api';
import type { AsyncEvent } from '@forge/events';
import type { AlertPorts } from './alerts/alert-ports';
import { watch as watchIncidents } from './alerts/watch';
import { AppError } from './domain/app-error';
import { inTime } from './domain/in-time';
import { isLicensed } from './domain/license';
import { resolverTimeoutMs } from './domain/limits';
import type { ComposeMail, OpenMailer } from './domain/mailer';
import type { IntakePorts } from './intake/intake-ports';
import { appUrl } from './jira/app-url';
import { jiraIssues } from './jira/issues';
import { administratorCheck } from './jira/permissions';
import { issueTypesOf, searchProjects } from './jira/projects';
import { serverTime } from './jira/server-time';
import { usersByAccountId } from './jira/users';
import { log } from './log';
import { forgeGateway } from './mail/gateway-client';
import { gatewayProbe } from './mail/gateway-probe';
import { gatewayWay } from './mail/gateway-way';
import { parseMessage } from './mail/mime';
import { mailboxOpener } from './mail/open-mailbox';
import { mailerOpener } from './mail/open-mailer';
import { ownMark } from './mail/own-mark';
import { noticePoster } from './notify/post-notice';
import { oauth } from './oauth/oauth';
import { type SendPorts, sendMail } from './outbound/send-mail';
import { activityHandlers } from './resolvers/activity';
import { activityOverviewHandlers } from './resolvers/activity-overview';
import { alertHandlers } from './resolvers/alerts';
import { grantedByContext } from './resolvers/app-context';
import { auditLog } from './resolvers/audit';
import { connectionHandlers } from './resolvers/connections';
import { credentialHandlers } from './resolvers/credentials';
import { guardedResolver, type Handlers } from './resolvers/define';
import { diagnosisHandlers } from './resolvers/diagnosis';
import { targetHandlers } from './resolvers/jira-targets';
import { loggedMailboxes } from './resolvers/logged-mailbox';
import { outgoingHandlers } from './resolvers/outgoing';
import { protocolHandlers } from './resolvers/protocol';
import { waitingHandlers } from './resolvers/waiting';
import { activityStore } from './store/activity';
import { alertSecretStore, alertStore } from './store/alerts';
import { authorizationStore } from './store/authorizations';
import { connectionStore } from './store/connections';
import { clientSecretStore, credentialStore } from './store/credentials';
import { cursorStore } from './store/cursors';
import { jiraPauseStore } from './store/jira-pause';
import { ledgerStore } from './store/ledgers';
import { outgoingStore } from './store/outgoing';
import { outgoingTroubleStore } from './store/outgoing-troubles';
import { planStateStore } from './store/plan-state';
import { pollStartReader } from './store/poll-start';
import { protocolStore } from './store/protocols';
import { queryProbe } from './store/query-probe';
import { readReceipts, receiptStore } from './store/receipts';
import { secretChangeStore } from './store/secret-changes';
import { secretStore } from './store/secrets';
import { signingKeyStore } from './store/signing-key';
import { activityAccounts, reportTimeStore } from './store/stored-accounts';
import { tallyStore } from './store/tallies';
import { tokenCacheStore } from './store/token-caches';
import { recentUses } from './store/uses';
import { oauthCallback } from './triggers/oauth-callback';
import { planFiveMinutes } from './triggers/plan-polls';
import { pollQueue, readPollEvent, requestAlerts, wasEnded } from './triggers/poll-queue';
import { reportAccounts as reportStoredAccounts } from './triggers/report-accounts';
import { runPolls } from './triggers/run-polls';
import { uninstall as giveUpAccess } from './triggers/uninstall';

/**
 * The table of contents of manifest.yml: one export for each of its functions. The only place where adapters meet use cases.
 */

const now = () => Date.now();
const remainingMs = () => getAppContext().invocationRemainingTimeInMillis();
const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
// Looked up at each call: the platform puts its gate there.
const gatedFetch: typeof fetch = (input, init) => fetch(input, init);
const mayWork = () => isLicensed(getAppContext().license);
const callbackUrl = () => inTime(resolverTimeoutMs, noCallbackUrl, () => webTrigger.getUrl('oauth-callback'));
const noCallbackUrl = () => {
  const message = 'Jira did not tell the address that people are sent back to after a sign-in. Try again in a moment.';
  return new AppError('callback-url-unknown', 'transient', message);
};

const connections = connectionStore();
const credentials = credentialStore();
const secrets = secretStore();
const cursors = cursorStore(now);
const activity = activityStore(now);
const tallies = tallyStore();
const outgoing = outgoingStore();
const troubles = outgoingTroubleStore();
const protocols = protocolStore();
const queue = pollQueue();
const mark = ownMark(signingKeyStore().get);

const alerts = alertStore();
const secretChanges = secretChangeStore([connections, outgoing, credentials, alerts], now);
const services = oauth({
  secretChanges,
  credentials,
  clientSecrets: clientSecretStore(),
  tokenCaches: tokenCacheStore(),
  authorizations: authorizationStore(),
  fetch: gatedFetch,
  callbackUrl,
  now,
  sleep,
  log,
});

const openDeps = {
  gateway: forgeGateway('gateway'),
  secrets,
  credentials,
  accessToken: services.accessToken,
  fetch: gatedFetch,
  now,
};
const way = gatewayWay();
const openMailbox = mailboxOpener(openDeps, way);
const openMailer = mailerOpener(openDeps);
/** A page waits no longer than the platform lets a resolver run, whatever time the settings give the server. */
const timeoutForPage = (timeoutMs: number) => Math.min(timeoutMs, resolverTimeoutMs);
const openMailboxForPage = loggedMailboxes({ connections, protocols, log, now }, (settings, access) =>
  openMailbox({ ...settings, timeoutMs: timeoutForPage(settings.timeoutMs) }, access),
);
const openMailerForPage: OpenMailer = (settings, access) =>
  openMailer({ ...settings, timeoutMs: timeoutForPage(settings.timeoutMs) }, access);

const intake: IntakePorts = {
  readPollStart: pollStartReader(connections, cursors, now),
  connections,
  cursors,
  receipts: receiptStore(),
  activity,
  tallies,
  protocols,
  issues: jiraIssues({ now, sleep }),
  jiraPause: jiraPauseStore(),
  openMailbox,
  parseMessage,
  ownMark: mark,
  log,
  now,
  remainingMs,
};

/** Loaded with the first mail that goes out. */
const composeMail: ComposeMail = async (mail, options) => {
  const { composeMail } = await import('./mail/compose');
  return composeMail(mail, options);
};
const outbound: SendPorts = { openMailer, composeMail, ownMark: mark, troubles, log, now };
const alerting: AlertPorts = {
  alerts,
  ledgers: ledgerStore(),
  secrets: alertSecretStore(),
  connections,
  cursors,
  credentials,
  outgoing,
  troubles,
  appUrl,
  postNotice: noticePoster({ fetch: gatedFetch, now }),
  sendMail: (connection, mail) => sendMail(outbound, connection, mail),
  remainingMs,
  log,
  now,
};

const audit = auditLog({ activity, log, now });

/** What the pages call. */
const handlers: Handlers = {
  ...connectionHandlers({
    connections,
    readReceipts,
    activity,
    outgoing,
    secretChanges,
    credentials,
    secrets,
    cursors,
    tallies,
    protocols,
    oauth: services,
    openMailbox: openMailboxForPage,
    queue,
    recentUses,
    audit,
    now,
  }),
  ...activityHandlers({ activity, connections, cursors, openMailbox: openMailboxForPage, queue, audit, now }),
  ...activityOverviewHandlers({ activity, tallies, connections, audit, now }),
  ...waitingHandlers({ connections, cursors, activity, queue, audit }),
  ...protocolHandlers({ connections, protocols, audit, now }),
  ...credentialHandlers({
    credentials,
    connections,
    cursors,
    queue,
    outgoing,
    oauth: services,
    callbackUrl,
    recentUses,
    audit,
    now,
  }),
  ...outgoingHandlers({
    outgoing,
    connections,
    secretChanges,
    secrets,
    oauth: services,
    credentials,
    ...outbound,
    alerts: alerting.alerts,
    openMailer: openMailerForPage,
    recentUses,
    audit,
  }),
  ...alertHandlers({
    ...alerting,
    sendMail: (connection, mail) => sendMail({ ...outbound, openMailer: openMailerForPage }, connection, mail),
    secretChanges,
    audit,
  }),
  ...diagnosisHandlers({
    gateway: gatewayProbe((ms) => forgeGateway('gateway', ms)),
    fetchesJson: () => way.form() === 'json',
    jiraTime: serverTime,
    granted: grantedByContext,
    query: queryProbe(),
    issues: intake.issues,
    activity,
    connections,
    cursors,
    callbackUrl,
    newId: () => crypto.randomUUID(),
    now,
    remainingMs,
    sleep,
    log,
  }),
  ...targetHandlers({ searchProjects, issueTypes: issueTypesOf, usersByAccountId }),
};
export const resolve = guardedResolver(handlers, {
  isAdministrator: administratorCheck(now),
  isLicensed: mayWork,
  log,
});

/** Where Google and Microsoft send people back to. */
export const authorizeCallback = oauthCallback(services.complete);

/** Every five minutes: plans the polls until the next time, and asks for a run of the alerts. */
export async function plan(): Promise<{ statusCode: number }> {
  if (mayWork()) await planFiveMinutes({ connections, planState: planStateStore(), queue, requestAlerts, now });
  return { statusCode: 204 };
}

/** Once a day: reports the accounts that are stored, when that is due. */
export async function reportAccounts(): Promise<{ statusCode: number }> {
  await reportStoredAccounts({
    holders: [activityAccounts(activity.keptDays, now)],
    reportTime: reportTimeStore(),
    report: privacy.reportPersonalData,
    now,
    log,
  });
  return { statusCode: 204 };
}

/** One queue event: tells of what is wrong, and of what no longer is. */
export async function watch(): Promise<void> {
  if (mayWork()) await watchIncidents(alerting);
}

/** One queue event: polls its connections. */
export async function poll(event: AsyncEvent): Promise<void> {
  // Left over from when there was a license; the planner asks for the polls again once there is one.
  if (!mayWork()) return;
  const request = readPollEvent(event.body);
  // Not thrown: the platform would only deliver it again, and the planner asks for the same polls every five minutes.
  if (request === null) log('warn', 'event-not-understood', { eventId: event.eventId });
  else await runPolls(intake, queue, { ...request, wasEnded: wasEnded(event) });
}

/** Before the app is uninstalled: gives up what people have given it access to. */
export async function uninstall(): Promise<void> {
  await giveUpAccess({ connections, outgoing, oauth: services, remainingMs, log });
}
