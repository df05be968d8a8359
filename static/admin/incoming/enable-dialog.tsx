import Button from '@atlaskit/button/new';
import Checkbox from '@atlaskit/checkbox';
import ModalDialog, { ModalBody, ModalFooter, ModalHeader, ModalTitle } from '@atlaskit/modal-dialog';
import { Box, Inline, Text, xcss } from '@atlaskit/primitives';
import SectionMessage from '@atlaskit/section-message';
import Spinner from '@atlaskit/spinner';
import { type RefObject, useEffect, useId, useRef, useState } from 'react';
import type { StartEstimate } from '../../../src/domain/start';
import type { StartChoice } from '../../../src/resolvers/contract';
import type { ConnectionView } from '../../../src/resolvers/views';
import { call, type PageError, toPageError } from '../../shared/call';
import { ErrorNotice } from '../../shared/error-notice';
import { flag } from '../../shared/flags';
import { enableTexts as texts } from './enable-texts';
import { DeletionNotice, MailboxEffect } from './mailbox-effect';
import { type From, isUnavailable, StartOptions } from './start-choice';
import { StartDate } from './start-date';
import { StartPreview } from './start-preview';
import { SharedMailboxNotice } from './status';
import { listTexts } from './texts';
import { useEstimates } from './use-estimates';
import { useStartDate } from './use-start-date';

// Without room below, the focus ring of the last control makes the dialog scroll.
const bodyStyles = xcss({ display: 'grid', gap: 'space.200', paddingBlockEnd: 'space.100' });

const points = ['now', 'unread', 'since', 'everything'] as const;

interface Props {
  connection: ConnectionView;
  /** What gets the focus when the dialog closes. */
  returnFocus: RefObject<HTMLElement>;
  onEnabled: () => void;
  onClose: () => void;
}

/** Asks where to start, says how much mail each start means, and enables the connection. */
export function EnableDialog({ connection, returnFocus, onEnabled, onClose }: Props) {
  const { id, version, settings, canContinue } = connection;
  const [chosen, setChosen] = useState<From>(canContinue ? 'continue' : 'now');
  /** The count of messages that somebody agreed to make issues of, for the start that is named with it. */
  const [acknowledged, setAcknowledged] = useState<string | null>(null);
  /** The count of deleted messages that somebody agreed to, for the start that is named with it. */
  const [deleting, setDeleting] = useState<string | null>(null);
  const [isEnabling, setEnabling] = useState(false);
  const [error, setError] = useState<PageError | null>(null);
  const date = useStartDate();
  const dateId = useId();

  const froms: readonly From[] = canContinue ? ['continue', ...points] : points;
  const startOf = (from: From): StartChoice | null => (from === 'since' ? date.start : { from });
  const start = startOf(chosen);
  const { isCounting, countOf, previewOf, recount } = useEstimates(
    id,
    froms.flatMap((from) => startOf(from) ?? []),
    start,
  );
  const counted = start === null ? null : countOf(start);
  const shown = start === null ? null : previewOf(start);
  const estimate = counted?.state === 'counted' && counted.estimate.available ? counted.estimate : null;
  const mustAcknowledge = estimate !== null && estimate.count !== 0;
  const creation = estimate === null ? '' : JSON.stringify([start, estimate.count]);
  const deletion = estimate === null ? '' : JSON.stringify([start, estimate.settled]);
  const mustDelete = settings.afterDownload === 'delete' && estimate !== null && estimate.settled !== 0;
  const isAcknowledged = acknowledged === creation;

  const enable = async () => {
    if (start === null) return;
    setEnabling(true);
    setError(null);
    try {
      await call('connections.enable', { id, version, start, ...(mustDelete && { deletes: estimate.settled }) });
      flag('success', texts.done(settings.name), texts.doneHint(listTexts.everyMinutes(settings.intervalMinutes)));
      onEnabled();
      onClose();
    } catch (thrown) {
      const failed = toPageError(thrown);
      setError(failed);
      setEnabling(false);
      if (failed.code !== 'deletion-grew') return;
      setDeleting(null);
      recount();
    }
  };

  return (
    <ModalDialog width="large" shouldReturnFocus={returnFocus} onClose={onClose}>
      <ModalHeader hasCloseButton>
        <ModalTitle>{texts.title(settings.name)}</ModalTitle>
      </ModalHeader>
      <ModalBody>
        <Box xcss={bodyStyles}>
          <SharedMailboxNotice connection={connection} />
          <div>
            <StartOptions
              options={froms.map((from) => {
                const option = startOf(from);
                return { from, counted: option === null ? null : countOf(option) };
              })}
              hasFolders={settings.provider !== 'pop3'}
              chosen={chosen}
              onChoose={setChosen}
              date={<StartDate id={dateId} day={date.day} problem={date.problem} onChange={date.change} />}
            />
            <div role="status">{isCounting && <Counting />}</div>
          </div>
          {counted?.state === 'failed' && (
            <ErrorNotice
              title={texts.failed}
              error={counted.error}
              retry={{ label: texts.retry, run: counted.retry }}
            />
          )}
          {estimate !== null && <Doubts estimate={estimate} />}
          {estimate !== null && <MailboxEffect settings={settings} estimate={estimate} />}
          {mustAcknowledge && (
            <Checkbox
              label={texts.acknowledge(estimate.count)}
              isChecked={isAcknowledged}
              onChange={(event) => setAcknowledged(event.currentTarget.checked ? creation : null)}
            />
          )}
          {estimate !== null && shown !== null && <StartPreview shown={shown} count={estimate.count} />}
          {estimate !== null && (
            <DeletionNotice
              settings={settings}
              estimate={estimate}
              isAcknowledged={deleting === deletion}
              onAcknowledge={(agreed) => setDeleting(agreed ? deletion : null)}
            />
          )}
          {error && <Failure key={error.message} error={error} isSettled={!isCounting} />}
        </Box>
      </ModalBody>
      <ModalFooter>
        <Button appearance="subtle" onClick={onClose}>
          {texts.cancel}
        </Button>
        <Button
          appearance="primary"
          isLoading={isEnabling}
          isDisabled={
            estimate === null ||
            isUnavailable(counted) ||
            (mustAcknowledge && !isAcknowledged) ||
            (mustDelete && deleting !== deletion)
          }
          onClick={() => void enable()}
        >
          {texts.confirm}
        </Button>
      </ModalFooter>
    </ModalDialog>
  );
}

/** What refused the enabling, brought into view: it stands below all that the dialog says, whose length changes while it counts. */
function Failure({ error, isSettled }: { error: PageError; isSettled: boolean }) {
  const notice = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isSettled) notice.current?.scrollIntoView({ block: 'end' });
  }, [isSettled]);
  return (
    <div ref={notice}>
      <ErrorNotice title={texts.enableFailed} error={error} />
    </div>
  );
}

function Counting() {
  return (
    <Inline space="space.100" alignBlock="center">
      <Spinner size="medium" label="" />
      <Text>{texts.searching}</Text>
    </Inline>
  );
}

/** Why a count may be wrong, before anybody relies on it. */
function Doubts({ estimate: { confidence, reason } }: { estimate: StartEstimate }) {
  if (confidence === 'exact' || reason === null) return null;
  return (
    <SectionMessage appearance="warning" title={texts.doubts[confidence]}>
      <Text as="p">{reason}</Text>
    </SectionMessage>
  );
}
