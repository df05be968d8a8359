import { Box, Inline, Stack, Text, xcss } from '@atlaskit/primitives';
import { useId } from 'react';
import type { Step } from '../../../src/domain/steps';
import { useClockTime } from '../../shared/reader';
import { stepText, entryTexts as texts } from './texts';

const listStyles = xcss({ listStyleType: 'none', padding: 'space.0', margin: 'space.0' });
const itemStyles = xcss({ marginBlockStart: 'space.0', paddingBlock: 'space.025' });

/** The steps of the last try, each with its moment and how long it took. */
export function EntrySteps({ steps }: { steps: readonly Step[] }) {
  const title = useId();
  const clockTime = useClockTime();
  return (
    <Stack>
      <Text size="small" color="color.text.subtle" id={title}>
        {texts.steps}
      </Text>
      <Box as="ol" xcss={listStyles} aria-labelledby={title}>
        {steps.map((step) => (
          <Box as="li" key={`${step.step} ${step.at}`} xcss={itemStyles}>
            <Inline space="space.100" shouldWrap>
              <Text color="color.text.subtle">{clockTime(step.at)}</Text>
              <Text>{stepText(step)}</Text>
              <Text color="color.text.subtle">{texts.milliseconds(step.tookMs)}</Text>
            </Inline>
          </Box>
        ))}
      </Box>
    </Stack>
  );
}
