import Heading from '@atlaskit/heading';
import Lozenge from '@atlaskit/lozenge';
import { Box, Grid, Inline, Stack, Text, xcss } from '@atlaskit/primitives';
import Spinner from '@atlaskit/spinner';
import { type CheckName, type CheckState, checkNames, type Finding } from '../../../src/domain/diagnosis';
import { checkTexts, stateTexts, diagnosisTexts as texts } from './texts';

const listStyles = xcss({ listStyleType: 'none', padding: 'space.0', margin: 'space.0' });
const rowStyles = xcss({
  borderBlockStartStyle: 'solid',
  borderBlockStartWidth: 'border.width',
  borderBlockStartColor: 'color.border',
  paddingBlock: 'space.200',
});
const wordsStyles = xcss({ overflowWrap: 'anywhere' });
/** Beside each other where there is room, else one below the other. */
const columns = 'repeat(auto-fit, minmax(min(100%, 18rem), 1fr))';

const colors = {
  good: 'success',
  attention: 'warning',
  failed: 'danger',
  unknown: 'neutral',
} as const satisfies Record<CheckState, string>;

/** One row a check: what it looks at, and what it saw. */
export function CheckList({ findings }: { findings: Readonly<Partial<Record<CheckName, Finding>>> }) {
  return (
    <Box as="ul" xcss={listStyles} aria-label={texts.checks}>
      {checkNames.map((check) => (
        <Box as="li" key={check} xcss={rowStyles} aria-labelledby={`check-${check}`}>
          <Grid gap="space.150" templateColumns={columns} alignItems="start">
            <Stack space="space.050">
              <Heading as="h2" size="xsmall" id={`check-${check}`}>
                {checkTexts[check].name}
              </Heading>
              <Text as="p" color="color.text.subtle">
                {checkTexts[check].explained}
              </Text>
            </Stack>
            <Seen finding={findings[check]} />
          </Grid>
        </Box>
      ))}
    </Box>
  );
}

function Seen({ finding }: { finding: Finding | undefined }) {
  if (finding === undefined)
    return (
      <Inline space="space.100" alignBlock="center">
        <Spinner size="small" />
        <Text color="color.text.subtle">{texts.running}</Text>
      </Inline>
    );
  const { state, value, reason, step } = finding;
  return (
    <Box xcss={wordsStyles}>
      <Stack space="space.075">
        <Inline space="space.100" rowSpace="space.050" alignBlock="center" shouldWrap>
          <Lozenge appearance={colors[state]}>{stateTexts[state]}</Lozenge>
          <Text weight="medium">{value}</Text>
        </Inline>
        {reason !== null && <Text as="p">{reason}</Text>}
        {step !== null && <Text as="p">{texts.next(step)}</Text>}
      </Stack>
    </Box>
  );
}
