import CircleIcon from '@atlaskit/icon/core/check-circle-unchecked';
import StatusErrorIcon from '@atlaskit/icon/core/status-error';
import StatusSuccessIcon from '@atlaskit/icon/core/status-success';
import { Box, Inline, Stack, Text, xcss } from '@atlaskit/primitives';
import SectionMessage from '@atlaskit/section-message';
import { token } from '@atlaskit/tokens';
import { type CheckReport, type CheckStep, type CheckStepName, checkSteps } from '../../../src/domain/ports';
import { ServerWords } from '../../shared/error-notice';
import { stepTexts, testTexts as texts } from './test-texts';

const listStyles = xcss({ listStyleType: 'none', padding: 'space.0', margin: 'space.0' });
const itemStyles = xcss({ marginBlockStart: 'space.0', paddingBlock: 'space.075' });

/** The steps of a test one under another, each with its outcome, its time and what was found or went wrong. */
export function TestReport({ report, steps = checkSteps }: { report: CheckReport; steps?: readonly CheckStepName[] }) {
  const failed = report.steps.find((step) => !step.ok);
  const last = report.steps.at(-1)?.step;
  const notReached = report.ok ? [] : steps.slice(last === undefined ? 0 : steps.indexOf(last) + 1);
  return (
    <Stack space="space.200">
      <SectionMessage
        appearance={report.ok ? 'success' : 'error'}
        title={report.ok || !failed ? texts.passed : texts.failed(stepTexts[failed.step])}
      >
        <Text as="p">{failed ? failed.message : counted(report)}</Text>
        {failed?.detail && <ServerWords>{failed.detail}</ServerWords>}
      </SectionMessage>
      <Box as="ol" xcss={listStyles}>
        {report.steps.map((step) => (
          <ReachedStep key={step.step} step={step} />
        ))}
        {notReached.map((name) => (
          <Box as="li" key={name} xcss={itemStyles}>
            <Inline space="space.100" alignBlock="start">
              <CircleIcon label={texts.notReached} color={token('color.icon.disabled')} />
              <Text color="color.text.subtlest">{stepTexts[name]}</Text>
            </Inline>
          </Box>
        ))}
      </Box>
    </Stack>
  );
}

function ReachedStep({ step }: { step: CheckStep }) {
  return (
    <Box as="li" xcss={itemStyles}>
      <Inline space="space.100" alignBlock="start">
        {step.ok ? (
          <StatusSuccessIcon label={texts.ok} color={token('color.icon.success')} />
        ) : (
          <StatusErrorIcon label={texts.notOk} color={token('color.icon.danger')} />
        )}
        <Stack>
          <Inline space="space.100" shouldWrap>
            <Text weight="medium">{stepTexts[step.step]}</Text>
            <Text color="color.text.subtle">{texts.took(step.took)}</Text>
          </Inline>
          {/* A failure's words stand above the list already. */}
          {step.ok && step.message !== '' && (
            <Text size="small" color="color.text.subtle">
              {step.message}
            </Text>
          )}
        </Stack>
      </Inline>
    </Box>
  );
}

function counted({ messages }: CheckReport): string {
  return messages === null ? '' : texts.counted(messages.total, messages.unread);
}
