import Button from '@atlaskit/button/new';
import ModalDialog, { ModalBody, ModalFooter, ModalHeader, ModalTitle } from '@atlaskit/modal-dialog';
import { Box, Inline, Stack, Text, xcss } from '@atlaskit/primitives';
import { RadioGroup } from '@atlaskit/radio';
import Spinner from '@atlaskit/spinner';
import { type RefObject, useCallback, useId, useState } from 'react';
import type { Estimate } from '../../../src/domain/start';
import type { ConnectionView } from '../../../src/resolvers/contract';
import { call, type PageError, toPageError } from '../../shared/call';
import { ErrorNotice } from '../../shared/error-notice';
import { flag } from '../../shared/flags';
import { useQuery } from '../../shared/use-query';
import { listTexts, enableTexts as texts } from './texts';

type Start = 'continue' | 'now' | 'everything';
type Estimates = Record<'now' | 'everything', Estimate>;

// Without room below, the focus ring of the last control makes the dialog scroll.
const bodyStyles = xcss({ display: 'grid', gap: 'space.200', paddingBlockEnd: 'space.100' });

interface Props {
  connection: ConnectionView;
  /** What gets the focus when the dialog closes. */
  returnFocus: RefObject<HTMLElement>;
  onEnabled: () => void;
  onClose: () => void;
}

/** Counts the mail that is there, asks where to start, and enables the connection. */
export function EnableDialog({ connection, returnFocus, onEnabled, onClose }: Props) {
  const { id, version, settings, canContinue } = connection;
  const count = useCallback(async (): Promise<Estimates> => {
    const ask = (from: 'now' | 'everything') => call('connections.estimate', { id, start: { from } });
    const [now, everything] = await Promise.all([ask('now'), ask('everything')]);
    return { now, everything };
  }, [id]);
  const query = useQuery(count);
  const [start, setStart] = useState<Start>(canContinue ? 'continue' : 'now');
  const [isAcknowledged, setAcknowledged] = useState(false);
  const [isEnabling, setEnabling] = useState(false);
  const [error, setError] = useState<PageError | null>(null);

  const estimates = query.loading || query.error ? null : query.value;
  const estimate = start === 'continue' ? undefined : estimates?.[start];
  const mustAcknowledge = estimate !== undefined && estimate.count !== 0;

  const choose = (chosen: Start) => {
    setStart(chosen);
    setAcknowledged(false);
  };
  const enable = async () => {
    setEnabling(true);
    setError(null);
    try {
      await call('connections.enable', { id, version, start: { from: start } });
      flag('success', texts.done(settings.name), texts.doneHint(listTexts.minutes(settings.intervalMinutes)));
      onEnabled();
      onClose();
    } catch (thrown) {
      setError(toPageError(thrown));
      setEnabling(false);
    }
  };

  return (
    <ModalDialog width="medium" shouldReturnFocus={returnFocus} onClose={onClose}>
      <ModalHeader hasCloseButton>
        <ModalTitle>{texts.title(settings.name)}</ModalTitle>
      </ModalHeader>
      <ModalBody>
        <Box xcss={bodyStyles}>
          {query.loading && <Counting />}
          {!query.loading && query.error && (
            <ErrorNotice
              title={texts.failed}
              error={query.error}
              retry={{ label: texts.retry, run: () => void query.reload() }}
            />
          )}
          {estimates && <StartChoice {...{ canContinue, estimates, start }} onChange={choose} />}
          {mustAcknowledge && (
            <Acknowledgement
              label={texts.acknowledge(estimate.count === null ? texts.uncountedMail : texts.count(estimate.count))}
              isChecked={isAcknowledged}
              onChange={setAcknowledged}
            />
          )}
          {error && <ErrorNotice title={texts.enableFailed} error={error} />}
        </Box>
      </ModalBody>
      <ModalFooter>
        <Button appearance="subtle" onClick={onClose}>
          {texts.cancel}
        </Button>
        <Button
          appearance="primary"
          isLoading={isEnabling}
          isDisabled={estimates === null || (mustAcknowledge && !isAcknowledged)}
          onClick={() => void enable()}
        >
          {texts.confirm}
        </Button>
      </ModalFooter>
    </ModalDialog>
  );
}

function Counting() {
  return (
    <div role="status">
      <Inline space="space.100" alignBlock="center">
        <Spinner size="medium" label="" />
        <Text>{texts.counting}</Text>
      </Inline>
    </div>
  );
}

function countText({ count, confidence }: Estimate): string {
  return count === null ? texts.uncounted : `${texts.count(count)}${texts.confidence[confidence]}`;
}

interface ChoiceProps {
  canContinue: boolean;
  estimates: Estimates;
  start: Start;
  onChange: (start: Start) => void;
}

function StartChoice({ canContinue, estimates: { now, everything }, start, onChange }: ChoiceProps) {
  const labelId = useId();
  const labels: [Start, string][] = [
    ['now', now.count === 0 ? texts.now : `${texts.now} (${countText(now)})`],
    ['everything', `${texts.everything} (${countText(everything)})`],
  ];
  if (canContinue) labels.unshift(['continue', texts.continue]);
  return (
    <Stack space="space.100">
      <Text as="p" weight="medium" id={labelId}>
        {texts.question}
      </Text>
      <RadioGroup
        aria-labelledby={labelId}
        value={start}
        onChange={(event) => onChange(labels.find(([value]) => value === event.currentTarget.value)?.[0] ?? start)}
        options={labels.map(([value, label]) => ({ name: 'start', value, label }))}
      />
    </Stack>
  );
}

interface AcknowledgementProps {
  label: string;
  isChecked: boolean;
  onChange: (isChecked: boolean) => void;
}

function Acknowledgement({ label, isChecked, onChange }: AcknowledgementProps) {
  const id = useId();
  return (
    <Inline space="space.100" alignBlock="start">
      <input id={id} type="checkbox" checked={isChecked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <label htmlFor={id}>{label}</label>
    </Inline>
  );
}
