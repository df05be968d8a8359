import { Stack, Text } from '@atlaskit/primitives';

/** Labels with their values, one under another; a fact without a value is left out. */
export function Facts({ facts }: { facts: readonly (readonly [label: string, value: string | null])[] }) {
  return (
    <Stack space="space.100">
      {facts.map(
        ([label, value]) =>
          value !== null && (
            <Stack key={label}>
              <Text size="small" color="color.text.subtle">
                {label}
              </Text>
              <Text>{value}</Text>
            </Stack>
          ),
      )}
    </Stack>
  );
}
