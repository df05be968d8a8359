import { Inline, Stack, Text } from '@atlaskit/primitives';
import type { WaitingView } from '../../../src/resolvers/views';
import { attempt } from '../../shared/attempt';
import { call } from '../../shared/call';
import { ErrorNotice } from '../../shared/error-notice';
import { flag } from '../../shared/flags';
import { Section } from '../../shared/form-section';
import { WorkButton } from '../../shared/work-button';
import { waitingTexts as texts } from './texts';
import { useWaiting } from './use-waiting';
import { WaitingTable } from './waiting-table';

interface Props {
  /** Empty: of all connections. */
  connectionId: string;
  /** Names a connection; null where there is only one. */
  connectionName: ((id: string) => string) | null;
  /** A try was asked for, which a poll makes at once. */
  onAsked?: () => void;
}

/** Mail that was listed and is not finished, why, and another try at once. Nothing while there is none. */
export function WaitingSection({ connectionId, connectionName, onAsked }: Props) {
  const query = useWaiting(connectionId);
  const { value, error, reload } = query;
  if (value === null) {
    const retry = { label: texts.retry, run: () => void reload() };
    return error === null ? null : <ErrorNotice title={texts.loadFailed} error={error} retry={retry} />;
  }
  const { heldBack, next } = value;
  if (heldBack + next === 0) return null;

  const items = value.items.filter(({ isHeldBack }) => isHeldBack);
  const tryNow = (id: string, handle?: string) =>
    attempt(texts.failed, async () => {
      const { asked, tooEarly } = await call('connections.tryNow', { id, ...(handle !== undefined && { handle }) });
      if (asked > 0) flag('info', texts.asked(asked), tooEarly > 0 ? texts.tooEarly(tooEarly) : texts.askedHint);
      query.onAsked();
      onAsked?.();
      await reload();
    });
  const mayTryAll = connectionId !== '' && items.filter(({ mayTryNow }) => mayTryNow).length > 1;
  return (
    <Section title={texts.section}>
      <Inline space="space.200" rowSpace="space.100" alignBlock="center" spread="space-between" shouldWrap>
        <Stack space="space.050">
          {heldBack > 0 && <Text as="p">{texts.heldBack(heldBack)}</Text>}
          {heldBack > items.length && <Text as="p">{texts.listed(items.length)}</Text>}
          {next > 0 && <Text as="p">{texts.next(next)}</Text>}
        </Stack>
        {mayTryAll && <WorkButton onClick={() => tryNow(connectionId)}>{texts.tryAll}</WorkButton>}
      </Inline>
      {items.length > 0 && (
        <WaitingTable
          items={items}
          connectionName={connectionName}
          onTry={(one: WaitingView) => tryNow(one.connectionId, one.handle)}
        />
      )}
    </Section>
  );
}
