import { lazy, type ReactNode, Suspense, useEffect } from 'react';
import { ErrorBoundary } from '../shared/error-boundary';
import { Loading, Page } from '../shared/layout';
import { matchPath, useRouter } from '../shared/router';
import { ConnectionsScreen } from './incoming/connections-screen';
import { LicenseNotice } from './license-notice';
import { paths } from './paths';

// The form brings the select fields and the schema with it: half of the code, and not needed to see the list.
const ConnectionFormScreen = lazy(async () => {
  const { ConnectionFormScreen } = await import('./incoming/connection-form-screen');
  return { default: ConnectionFormScreen };
});

const ConnectionScreen = lazy(async () => {
  const { ConnectionScreen } = await import('./connection/connection-screen');
  return { default: ConnectionScreen };
});
const ActivityScreen = lazy(async () => {
  const { ActivityScreen } = await import('./activity/activity-screen');
  return { default: ActivityScreen };
});
const OutgoingScreen = lazy(async () => {
  const { OutgoingScreen } = await import('./outgoing/outgoing-screen');
  return { default: OutgoingScreen };
});
const OutgoingFormScreen = lazy(async () => {
  const { OutgoingFormScreen } = await import('./outgoing/outgoing-form-screen');
  return { default: OutgoingFormScreen };
});
const CredentialsScreen = lazy(async () => {
  const { CredentialsScreen } = await import('./credentials/credentials-screen');
  return { default: CredentialsScreen };
});
const CredentialFormScreen = lazy(async () => {
  const { CredentialFormScreen } = await import('./credentials/credential-form-screen');
  return { default: CredentialFormScreen };
});

const AlertsScreen = lazy(async () => {
  const { AlertsScreen } = await import('./alerts/alerts-screen');
  return { default: AlertsScreen };
});
const AlertFormScreen = lazy(async () => {
  const { AlertFormScreen } = await import('./alerts/alert-form-screen');
  return { default: AlertFormScreen };
});

const DiagnosisScreen = lazy(async () => {
  const { DiagnosisScreen } = await import('./diagnosis/diagnosis-screen');
  return { default: DiagnosisScreen };
});

/** The screens by their paths; the first that fits is shown. */
const screens: [pattern: string, show: (parts: Record<string, string>) => ReactNode][] = [
  [paths.connections, () => <ConnectionsScreen />],
  [paths.newConnection, () => <ConnectionFormScreen key="new" id={null} />],
  [paths.connection(':id'), ({ id = '' }) => <ConnectionScreen key={id} id={id} />],
  [paths.protocolOf(':id'), ({ id = '' }) => <ConnectionScreen key={id} id={id} showsProtocol />],
  [paths.editConnection(':id'), ({ id = '' }) => <ConnectionFormScreen key={id} id={id} />],
  [paths.activity, () => <ActivityScreen key="all" connectionId="" />],
  [paths.activityOf(':id'), ({ id = '' }) => <ActivityScreen key={id} connectionId={id} />],
  [
    paths.resultsOf(':id', ':result'),
    ({ id = '', result = '' }) => <ActivityScreen key={`${id} ${result}`} connectionId={id} result={result} />,
  ],
  [paths.outgoingConnections, () => <OutgoingScreen />],
  [paths.newOutgoing, () => <OutgoingFormScreen key="new-outgoing" id={null} />],
  [paths.outgoing(':id'), ({ id = '' }) => <OutgoingFormScreen key={id} id={id} />],
  [paths.credentials, () => <CredentialsScreen />],
  [paths.newCredential, () => <CredentialFormScreen key="new-credential" id={null} />],
  [paths.credential(':id'), ({ id = '' }) => <CredentialFormScreen key={id} id={id} />],
  [paths.alerts, () => <AlertsScreen />],
  [paths.newAlert, () => <AlertFormScreen key="new-alert" id={null} />],
  [paths.alert(':id'), ({ id = '' }) => <AlertFormScreen key={id} id={id} />],
  [paths.diagnosis, () => <DiagnosisScreen />],
];

export function App() {
  const { path, navigate } = useRouter();
  const screen = screens.flatMap(([pattern, show]) => {
    const parts = matchPath(pattern, path);
    return parts === null ? [] : [show(parts)];
  })[0];

  useEffect(() => {
    // The side bar's own entry leads to the bare page, and an old bookmark anywhere.
    if (screen === undefined) navigate(paths.connections, { replace: true });
  }, [screen, navigate]);

  return (
    <Page>
      <LicenseNotice />
      <ErrorBoundary place={path}>
        <Suspense fallback={<Loading label="Loading" />}>{screen}</Suspense>
      </ErrorBoundary>
    </Page>
  );
}
