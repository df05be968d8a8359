import { Grid, Stack, Text } from '@atlaskit/primitives';
import type { ReactNode } from 'react';

type FactList<T> = readonly (readonly [label: string, value: T | null])[];

/** Labels with their values, one under another; a fact without a value is left out. */
export function Facts({ facts }: { facts: FactList<string> }) {
  return (
    <Stack space="space.100">
      {facts.map(([label, value]) => value !== null && <Fact key={label} label={label} value={value} />)}
    </Stack>
  );
}

/** Labels with their values, side by side where there is room. */
export function FactGrid({ facts }: { facts: FactList<ReactNode> }) {
  return (
    <Grid gap="space.200" templateColumns="repeat(auto-fill, minmax(11rem, 1fr))">
      {facts.map(([label, value]) => value !== null && <Fact key={label} label={label} value={value} />)}
    </Grid>
  );
}

function Fact({ label, value }: { label: string; value: ReactNode }) {
  return (
    <Stack>
      <Text size="small" color="color.text.subtle">
        {label}
      </Text>
      <Text>{value}</Text>
    </Stack>
  );
}
