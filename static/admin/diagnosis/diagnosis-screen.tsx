import Button from '@atlaskit/button/new';
import { Box, Inline, Stack, Text, xcss } from '@atlaskit/primitives';
import { useState } from 'react';
import type { InstallationFacts } from '../../../src/domain/diagnosis';
import { call } from '../../shared/call';
import { Facts } from '../../shared/facts';
import { flag } from '../../shared/flags';
import { Section } from '../../shared/form-section';
import { PageHeader } from '../../shared/layout';
import { ProtocolBox } from '../../shared/protocol-box';
import { QueryNotice } from '../../shared/query-notice';
import { useQuery } from '../../shared/use-query';
import { CheckList } from './check-list';
import { asText, type InstallationFact, summary, diagnosisTexts as texts } from './texts';
import { useDiagnosis } from './use-diagnosis';

const installation = () => call('diagnosis.installation', {});
const factsStyles = xcss({ overflowWrap: 'anywhere' });

/** What the platform really does on this site, looked at when the page is opened and when somebody asks. */
export function DiagnosisScreen() {
  const { findings, isRunning, endedAt, run } = useDiagnosis();
  const query = useQuery(installation);
  const facts = query.value === null ? [] : factsOf(query.value);
  const [shown, setShown] = useState<string | null>(null);
  const done = Object.values(findings);

  const copy = async () => {
    const text = asText(findings, facts, endedAt ?? new Date());
    try {
      await navigator.clipboard.writeText(text);
      flag('success', texts.copied);
    } catch {
      // A frame may be kept from the clipboard.
      setShown(text);
      flag('info', texts.copyHint);
    }
  };
  return (
    <>
      <PageHeader
        title={texts.title}
        actions={
          <Inline space="space.100" rowSpace="space.100" shouldWrap>
            <Button isDisabled={isRunning} onClick={() => void copy()}>
              {texts.copy}
            </Button>
            <Button isLoading={isRunning} onClick={() => void run()}>
              {texts.runAgain}
            </Button>
          </Inline>
        }
      />
      <Stack space="space.100">
        <Text as="p">{texts.intro}</Text>
        {/* Told once at the end: a reader is not interrupted by each of them. */}
        <div role="status">{!isRunning && <Text weight="medium">{summary(done)}</Text>}</div>
        {isRunning && <Text color="color.text.subtle">{texts.progress(done.length)}</Text>}
      </Stack>
      <CheckList findings={findings} />
      {shown !== null && <ProtocolBox label={texts.asText} lines={shown.split('\n')} />}
      <Section title={texts.installation}>
        <QueryNotice query={query} texts={texts} />
        <Box xcss={factsStyles}>
          <Facts facts={facts.map(([label, value]) => [label, value ?? texts.notKnown])} />
        </Box>
      </Section>
    </>
  );
}

function factsOf(known: InstallationFacts): InstallationFact[] {
  const { appId, appVersion, environment, installationId, callbackUrl, nodeVersion } = known;
  return [
    [texts.appVersion, appVersion],
    [texts.environment, environment],
    [texts.appId, appId],
    [texts.installationId, installationId],
    [texts.callbackUrl, callbackUrl],
    [texts.nodeVersion, nodeVersion],
  ];
}
