import { Inline, Stack, Text } from '@atlaskit/primitives';
import SectionMessage, { SectionMessageAction } from '@atlaskit/section-message';
import { correctedCode } from '../../../src/domain/cursor';
import { pollLimits } from '../../../src/domain/limits';
import type { ConnectionView } from '../../../src/resolvers/views';
import { ServerWords } from '../../shared/error-notice';
import { FactGrid, Facts } from '../../shared/facts';
import { Section } from '../../shared/form-section';
import { Moment, relativeTime, useExactTime } from '../../shared/reader';
import { useRouter } from '../../shared/router';
import { stepName } from '../account/test-texts';
import type { OnConnectionAction } from '../incoming/connection-actions';
import { QuotaNotice, SharedMailboxNotice, StatusLozenge } from '../incoming/status';
import { listTexts } from '../incoming/texts';
import type { PollState } from '../incoming/use-connections';
import { paths } from '../paths';
import { ExpiryNotice } from './expiry-notice';
import { remedyFor, useRemedy } from './remedy';
import { statusTexts as texts } from './texts';

interface Props {
  connection: ConnectionView;
  /** Of a poll that was asked for here. */
  poll: PollState;
  onAction: OnConnectionAction;
}

/** How the connection fares, and why it is not green. */
export function StatusSection({ connection, poll, onAction }: Props) {
  const { status, polledAt, waiting, heldBack, quarantined, tryingAgain, warning, trouble, nextPollAt } = connection;
  const nextPoll =
    nextPollAt === null || nextPollAt > Date.now() ? nextPollAt && <Moment time={nextPollAt} /> : texts.now;
  const lastPoll = polledAt === null ? texts.never : <Moment time={polledAt} />;
  return (
    <Section title={texts.section}>
      <Inline space="space.100" rowSpace="space.050" alignBlock="center" shouldWrap>
        <StatusLozenge connection={connection} />
        <Text>{sentence(connection)}</Text>
      </Inline>
      <QuotaNotice connections={[connection]} />
      {trouble && status !== 'paused' && (
        <TroubleNotice trouble={trouble} connection={connection} onAction={onAction} />
      )}
      {warning !== null && (
        <SectionMessage appearance="warning" title={texts.warningTitle}>
          <Text as="p">{warning}</Text>
        </SectionMessage>
      )}
      {connection.expiries.map((expiry) => (
        <ExpiryNotice key={expiry.of} expiry={expiry} connection={connection} />
      ))}
      <SharedMailboxNotice connection={connection} />
      {quarantined > 0 && <QuarantineNotice connection={connection} />}
      <FactGrid
        facts={[
          [texts.lastPoll, poll === null ? lastPoll : poll === 'late' ? texts.askedFor : texts.pollingNow],
          [texts.nextPollAt, nextPoll],
          [texts.heldBack, heldBack.toLocaleString('en')],
          [texts.next, (waiting - heldBack).toLocaleString('en')],
          [texts.quarantine, quarantined.toLocaleString('en')],
          [texts.tryingAgain, tryingAgain > 0 ? texts.messagesLeft(tryingAgain) : null],
        ]}
      />
      {connection.state === 'enabled' && polledAt !== null && (
        <Text size="small" color="color.text.subtlest">
          {texts.notEach(pollLimits.heartbeatMs / 60_000)}
        </Text>
      )}
    </Section>
  );
}

function sentence({ status, settings, polledAt, canContinue }: ConnectionView): string {
  if (status === 'polling')
    return polledAt === null ? texts.firstPoll : texts.polling(listTexts.everyMinutes(settings.intervalMinutes));
  if (status === 'disabled') return canContinue ? texts.disabled : texts.neverEnabled;
  return texts[status];
}

interface TroubleProps {
  trouble: NonNullable<ConnectionView['trouble']>;
  connection: ConnectionView;
  onAction: OnConnectionAction;
}

/** What happened, the server's words, since when, and when it is tried again. */
function TroubleNotice({ trouble, connection, onAction }: TroubleProps) {
  const exactTime = useExactTime();
  const moment = (time: number) => `${relativeTime(time, Date.now())} (${exactTime(time)})`;
  const { state, nextPollAt } = connection;
  const isRefused = state === 'enabled' && trouble.kind === 'access' && trouble.refused !== undefined;
  const title = trouble.stopped ? 'stopped' : state === 'suspended' ? 'suspended' : isRefused ? 'refused' : 'failing';
  const isCorrected = trouble.code === correctedCode;
  const remedy = useRemedy(connection);
  const action = (name: 'edit' | 'test' | 'protocol') => (
    <SectionMessageAction key={name} onClick={() => onAction(name, connection, null)}>
      {texts[name]}
    </SectionMessageAction>
  );
  return (
    <SectionMessage
      appearance={isCorrected ? 'warning' : 'error'}
      title={texts.troubleTitle[title]}
      actions={[remedy(remedyFor(trouble.code)), action('test'), action('protocol')]}
    >
      <Stack space="space.150">
        <Stack space="space.050">
          <Text as="p">{trouble.message}</Text>
          {isRefused && <Text as="p">{texts.refused}</Text>}
          {trouble.stopped && !isCorrected && <Text as="p">{texts.stopped}</Text>}
          {trouble.detail && <ServerWords>{trouble.detail}</ServerWords>}
        </Stack>
        <Facts
          facts={[
            [texts.step, trouble.step && stepName(trouble.step)],
            [texts.since, moment(trouble.since)],
            [texts.failures, trouble.failures > 0 ? String(trouble.failures) : null],
            [texts.nextTry, nextPollAt === null ? texts.noNextTry : moment(nextPollAt)],
          ]}
        />
      </Stack>
    </SectionMessage>
  );
}

function QuarantineNotice({ connection: { id, quarantined } }: { connection: ConnectionView }) {
  const { navigate } = useRouter();
  const show = (
    <SectionMessageAction key="show" onClick={() => navigate(paths.resultsOf(id, 'quarantined'))}>
      {texts.showQuarantined}
    </SectionMessageAction>
  );
  return (
    <SectionMessage appearance="warning" title={texts.quarantinedTitle(quarantined)} actions={[show]}>
      <Text as="p">{texts.quarantined(quarantined)}</Text>
    </SectionMessage>
  );
}
