import Button from '@atlaskit/button/new';
import ModalDialog, { ModalBody, ModalFooter, ModalHeader, ModalTitle } from '@atlaskit/modal-dialog';
import { Inline, Stack, Text } from '@atlaskit/primitives';
import { useState } from 'react';
import type { ActivityView } from '../../../src/resolvers/views';
import { attempt } from '../../shared/attempt';
import { call } from '../../shared/call';
import { download } from '../../shared/download';
import { Facts } from '../../shared/facts';
import { flag } from '../../shared/flags';
import { useExactTime } from '../../shared/reader';
import { subjectOf } from './activity-table';
import { EntrySteps } from './entry-steps';
import { IssueLink } from './issue-link';
import { Result } from './result';
import { remedies, resultMeanings, entryTexts as texts } from './texts';
import { wholeMail } from './whole-mail';

interface Props {
  entry: ActivityView;
  connectionName: string;
  personName: (accountId: string | null) => string;
  /** The mail is tried again. */
  onAsked: () => void;
  onDismiss: () => void;
  onClose: () => void;
}

type Action = 'download' | 'reprocess';

/** What happened to one mail, why, and what can be done. */
export function EntryDialog({ entry, connectionName, personName, onAsked, onDismiss, onClose }: Props) {
  const exactTime = useExactTime();
  const [running, setRunning] = useState<Action | null>(null);
  const run = async (action: Action, work: () => Promise<void>, failed: string) => {
    setRunning(action);
    await attempt(failed, work);
    setRunning(null);
  };
  const save = async () => {
    const { fileName, content } = await wholeMail(entry.id);
    download(fileName, content);
  };
  const reprocess = async () => {
    await call('activity.reprocess', { id: entry.id });
    flag('info', texts.asked, texts.askedHint);
    onAsked();
  };

  const isGivenUp = entry.result === 'quarantined' || entry.result === 'dismissed';
  const remedy = isGivenUp && entry.code !== null ? (remedies[entry.code] ?? null) : null;
  return (
    <ModalDialog width="medium" onClose={onClose}>
      <ModalHeader hasCloseButton>
        <ModalTitle>{subjectOf(entry)}</ModalTitle>
      </ModalHeader>
      <ModalBody>
        <Stack space="space.200">
          <Inline space="space.100" alignBlock="center" shouldWrap>
            <Result result={entry.result} />
            <Text>{resultMeanings[entry.result]}</Text>
            {entry.issueKey !== null && <IssueLink issueKey={entry.issueKey}>{texts.issue(entry.issueKey)}</IssueLink>}
          </Inline>
          <Facts
            facts={[
              [texts.reason, entry.reason],
              [texts.remedy, remedy],
              [texts.from, entry.from],
              [texts.by, entry.by === undefined ? null : personName(entry.by)],
              [texts.subject, entry.subject],
              [texts.connection, connectionName || null],
              [texts.at, exactTime(entry.at)],
              [texts.took, entry.tookMs > 0 ? texts.milliseconds(entry.tookMs) : null],
              [texts.triesBefore, entry.triesBefore ? String(entry.triesBefore) : null],
              [texts.size, entry.size === null ? null : texts.bytes(entry.size)],
              [texts.messageId, entry.messageId],
            ]}
          />
          {entry.steps !== undefined && entry.steps.length > 0 && <EntrySteps steps={entry.steps} />}
        </Stack>
      </ModalBody>
      <ModalFooter>
        {isGivenUp && (
          <Button
            appearance="subtle"
            isLoading={running === 'download'}
            onClick={() => void run('download', save, texts.downloadFailed)}
          >
            {texts.download}
          </Button>
        )}
        {entry.result === 'quarantined' && (
          <Button appearance="subtle" onClick={onDismiss}>
            {texts.dismiss}
          </Button>
        )}
        <Button appearance={isGivenUp ? 'subtle' : 'primary'} onClick={onClose}>
          {texts.close}
        </Button>
        {isGivenUp && (
          <Button
            appearance="primary"
            isLoading={running === 'reprocess'}
            onClick={() => void run('reprocess', reprocess, texts.reprocessFailed)}
          >
            {texts.reprocess}
          </Button>
        )}
      </ModalFooter>
    </ModalDialog>
  );
}
