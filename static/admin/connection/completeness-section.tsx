import Button from '@atlaskit/button/new';
import { Inline, Stack, Text } from '@atlaskit/primitives';
import SectionMessage from '@atlaskit/section-message';
import { useCallback, useState } from 'react';
import type { Completeness } from '../../../src/domain/completeness';
import type { ConnectionView } from '../../../src/resolvers/views';
import { call } from '../../shared/call';
import { ErrorNotice } from '../../shared/error-notice';
import { FactGrid } from '../../shared/facts';
import { Section } from '../../shared/form-section';
import { Loading } from '../../shared/layout';
import { Moment } from '../../shared/reader';
import { useQuery } from '../../shared/use-query';
import { completenessTexts as texts } from './completeness-texts';

/** The messages of the mailbox against what became of them. */
export function CompletenessSection({ connection }: { connection: ConnectionView }) {
  const { id, status, canContinue } = connection;
  const [isAsked, setAsked] = useState(false);
  // A mailbox that can't be reached is not asked before somebody wants to know.
  const isReached = canContinue && (status === 'polling' || status === 'warning');
  if (isReached && !isAsked) setAsked(true);
  return (
    <Section title={texts.section}>
      {!canContinue && <Text as="p">{texts.notYet}</Text>}
      {canContinue && isAsked && <Counted id={id} />}
      {canContinue && !isAsked && (
        <Stack space="space.100" alignInline="start">
          <Text as="p">{texts.notAsked}</Text>
          <Button onClick={() => setAsked(true)}>{texts.check}</Button>
        </Stack>
      )}
    </Section>
  );
}

function Counted({ id }: { id: string }) {
  const load = useCallback(() => call('connections.completeness', { id }), [id]);
  const { value, error, loading, reload } = useQuery(load);
  const isFirst = loading && value === null;
  return (
    <Stack space="space.200">
      <div role="status">
        {isFirst && <Loading label={texts.loading} />}
        {!loading && error === null && value === null && <Text as="p">{texts.notYet}</Text>}
        {value !== null && error === null && <Verdict found={value} />}
      </div>
      {error && <ErrorNotice title={texts.failed} error={error} />}
      {value !== null && error === null && <Numbers found={value} />}
      {!isFirst && (
        <Inline space="space.150" rowSpace="space.050" alignBlock="center" shouldWrap>
          <Button isLoading={loading} onClick={() => void reload()}>
            {texts.check}
          </Button>
          {value !== null && (
            <Text color="color.text.subtle">
              {texts.since} <Moment time={value.totals.since} />
            </Text>
          )}
        </Inline>
      )}
    </Stack>
  );
}

function Verdict({ found }: { found: Completeness }) {
  const { difference, survey } = found;
  const doubts = doubtsIn(found);
  const isFine = difference === 0;
  const title =
    difference === null
      ? texts.unknown
      : isFine
        ? texts.complete(survey.onServer ?? 0)
        : difference < 0
          ? texts.fewer(-difference)
          : texts.more(difference);
  const reason = difference === null || isFine ? [] : [difference < 0 ? texts.fewerReason : texts.moreReason];
  const lines = [...reason, ...doubts];
  return (
    <SectionMessage
      appearance={difference === null ? 'information' : isFine ? 'success' : 'warning'}
      {...(lines.length > 0 && { title })}
    >
      {lines.length === 0 ? (
        <Text as="p">{title}</Text>
      ) : (
        <Stack space="space.050">
          {lines.map((line) => (
            <Text as="p" key={line}>
              {line}
            </Text>
          ))}
        </Stack>
      )}
    </SectionMessage>
  );
}

/** Which of the numbers are not exact, and why. */
function doubtsIn({ survey, totals, isRelisting }: Completeness): string[] {
  const { onServer, isExact, isCut, isSteady, reason, unlisted } = survey;
  return [
    onServer === null && texts.uncounted(reason),
    onServer !== null && !isExact && texts.estimated(reason),
    isRelisting && texts.relisting,
    isCut && texts.cut(unlisted),
    totals.alone === null && !isRelisting && texts.aloneUnknown,
    !isSteady && texts.unsteady,
  ].filter((line) => line !== false);
}

function Numbers({ found }: { found: Completeness }) {
  const { survey, totals, kept, waiting, expected } = found;
  const { alone, taken, removed, skipped, gone, givenUp, dismissed } = totals;
  const number = (count: number | null) => (count === null ? texts.notKnown : count.toLocaleString('en'));
  const ifAny = (count: number) => (count === 0 ? null : number(count));
  return (
    <Stack space="space.200">
      <FactGrid
        facts={[
          [texts.onServer, number(survey.onServer)],
          [texts.expected, number(expected)],
          [texts.alone, number(alone)],
          [texts.kept, number(kept)],
          [texts.skipped, ifAny(skipped)],
          [texts.givenUp(dismissed), number(givenUp)],
          [texts.waiting, number(waiting)],
          [texts.unlisted, survey.isCut ? texts.atLeast(number(survey.unlisted)) : number(survey.unlisted)],
        ]}
      />
      <FactGrid
        facts={[
          [texts.taken, number(taken)],
          [texts.removed, number(removed)],
          [texts.gone, ifAny(gone)],
        ]}
      />
    </Stack>
  );
}
