import { Inline } from '@atlaskit/primitives';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { type ActivityResult, activityResults } from '../../../src/domain/activity';
import type { ActivityView } from '../../../src/resolvers/views';
import { attempt } from '../../shared/attempt';
import { call } from '../../shared/call';
import { flag } from '../../shared/flags';
import { PageHeader } from '../../shared/layout';
import { useQuery } from '../../shared/use-query';
import { WorkButton } from '../../shared/work-button';
import { MailCharts } from '../charts/mail-charts';
import { WaitingSection } from '../waiting/waiting-section';
import { ActivityFilters, allEntries, type Filters, noFilters } from './activity-filters';
import { ActivityList } from './activity-list';
import { Retention } from './retention';
import { listTexts as texts } from './texts';
import type { ActivityQuery } from './use-activity';

/** The charts read what all connections have noted: news makes them do so once in as many milliseconds at most. */
const newsMs = 60_000;

/** Milliseconds that the list looks often after something was asked for. */
const patienceMs = 30_000;

const connectionList = () => call('connections.list', {});

/** What happened to each mail. `connectionId` and `result` narrow it from the start; empty does not. */
export function ActivityScreen({ connectionId, result = '' }: { connectionId: string; result?: string }) {
  const connections = useQuery(connectionList);
  const [filters, setFilters] = useState<Filters>({
    ...noFilters,
    connectionId,
    result,
    // Whoever comes for a result, as from a connection that needs attention, wants all of it.
    ...(result !== '' && { period: '' }),
  });
  const [askedAt, setAskedAt] = useState<number | null>(null);
  const [newsAt, setNewsAt] = useState<number | null>(null);
  const onNewest = useCallback((at: number) => setNewsAt(Math.floor(at / newsMs) * newsMs), []);
  const query = useMemo(() => queryOf(filters), [filters]);

  useEffect(() => {
    if (askedAt === null) return;
    const timer = setTimeout(() => setAskedAt(null), patienceMs);
    return () => clearTimeout(timer);
  }, [askedAt]);

  const all = connections.value ?? [];
  const connectionName = ({ connectionId: id, result }: ActivityView) => {
    const found = all.find((connection) => connection.id === id);
    if (found !== undefined) return found.settings.name;
    // A change names what it concerns itself, which need not be a connection.
    return connections.value === null || result === 'changed' ? '' : texts.deletedConnection;
  };
  const nameOf = (id: string) => all.find((connection) => connection.id === id)?.settings.name ?? '';
  const onAsked = () => setAskedAt(Date.now());

  return (
    <>
      <PageHeader
        title={texts.title}
        actions={
          <Inline space="space.100" rowSpace="space.100" shouldWrap>
            <Retention onChanged={() => setFilters({ ...filters })} />
            {filters.connectionId !== '' && filters.result === 'quarantined' && (
              <ReprocessAll connectionId={filters.connectionId} onAsked={onAsked} />
            )}
          </Inline>
        }
      />
      <ActivityFilters filters={filters} connections={all} onChange={setFilters} />
      {/* Who looks for particular mail wants the list, and not to scroll to it. */}
      {filters.result === '' && filters.text === '' && (
        <MailCharts connectionId={filters.connectionId} newsAt={newsAt} />
      )}
      {filters.text === '' && (filters.result === '' || filters.result === 'failed') && (
        <WaitingSection
          key={filters.connectionId}
          connectionId={filters.connectionId}
          connectionName={nameOf}
          onAsked={onAsked}
        />
      )}
      <ActivityList
        key={JSON.stringify(filters)}
        query={query}
        connectionName={connectionName}
        isWaiting={askedAt !== null}
        onAsked={onAsked}
        onNewest={onNewest}
        onReset={isNarrowed(filters) ? () => setFilters(allEntries) : null}
      />
    </>
  );
}

function ReprocessAll({ connectionId, onAsked }: { connectionId: string; onAsked: () => void }) {
  const reprocess = () =>
    attempt(texts.allFailed, async () => {
      const { asked, more } = await call('activity.reprocess', { connectionId });
      flag('info', texts.allAsked(asked, more), texts.allAskedHint(asked));
      onAsked();
    });
  return <WorkButton onClick={reprocess}>{texts.reprocessAll}</WorkButton>;
}

/** The period that the page begins with hides hardly anything, and on the first day nothing. */
const isNarrowed = ({ connectionId, result, period, text }: Filters) =>
  connectionId !== '' || result !== '' || text !== '' || (period !== '' && period !== noFilters.period);

const isResult = (value: string): value is ActivityResult => activityResults.some((result) => result === value);

/** A period begins when it is chosen. */
function queryOf({ connectionId, result, period, text }: Filters): ActivityQuery {
  return {
    ...(period !== '' && { from: Date.now() - Number(period) * 86_400_000 }),
    ...(connectionId !== '' && { connectionId }),
    ...(isResult(result) && { result }),
    ...(text.trim() !== '' && { text: text.trim() }),
  };
}
