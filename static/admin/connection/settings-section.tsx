import { useCallback } from 'react';
import type { ConnectionView } from '../../../src/resolvers/views';
import { call } from '../../shared/call';
import { FactGrid } from '../../shared/facts';
import { Section } from '../../shared/form-section';
import { useQuery } from '../../shared/use-query';
import { encryptionTexts } from '../account/texts';
import { afterDownloadTexts, listTexts, providerTexts } from '../incoming/texts';
import { settingsTexts as texts } from './texts';

type Settings = ConnectionView['settings'];

/** What the connection is set to, without the rest of the form. */
export function SettingsSection({ settings }: { settings: Settings }) {
  const shared = 'sharedMailbox' in settings && settings.sharedMailbox !== '' ? settings.sharedMailbox : null;
  return (
    <Section title={texts.section}>
      <FactGrid
        facts={[
          [texts.provider, providerTexts[settings.provider]],
          [texts.host, hostOf(settings)],
          [texts.username, settings.username || null],
          [texts.sharedMailbox, shared],
          [texts.access, accessOf(settings)],
          [texts.folder, settings.provider === 'pop3' ? null : settings.folder || texts.inbox],
          [texts.interval, listTexts.minutes(settings.intervalMinutes)],
          [
            texts.afterDownload,
            settings.afterDownload === 'move'
              ? texts.moveTo(settings.moveTo)
              : afterDownloadTexts[settings.afterDownload],
          ],
          [texts.target, useTargetName(settings.target)],
          [texts.largestMail, texts.megabytes(settings.largestMailMb)],
        ]}
      />
    </Section>
  );
}

function hostOf(settings: Settings): string | null {
  if ('port' in settings) return `${settings.host}:${settings.port}, ${encryptionTexts[settings.encryption]}`;
  return 'host' in settings ? settings.host : null;
}

function accessOf(settings: Settings): string | null {
  if (!('credentialId' in settings)) return null;
  return settings.provider === 'google' ? texts.accessOf.google : texts.accessOf.microsoft;
}

const firstProjects = () => call('jira.projects', { query: '' });

/** A project beyond the first page, and whatever Jira does not tell, is named by its id. */
function useTargetName({ projectId, issueTypeId }: Settings['target']): string {
  const projects = useQuery(firstProjects);
  const loadTypes = useCallback(() => call('jira.issueTypes', { projectId }), [projectId]);
  const types = useQuery(loadTypes);
  const project = projects.value?.find(({ id }) => id === projectId);
  const type = types.value?.find(({ id }) => id === issueTypeId);
  return texts.targetOf(
    project ? `${project.name} (${project.key})` : texts.unknownProject(projectId),
    type?.name ?? texts.unknownType(issueTypeId),
  );
}
