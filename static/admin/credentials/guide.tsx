import Heading from '@atlaskit/heading';
import Link from '@atlaskit/link';
import { Box, Stack, Text, xcss } from '@atlaskit/primitives';
import { useId } from 'react';
import type { FormValues } from './form-values';
import { type Guide as GuideText, guideOf, guideTitle } from './guide-texts';

const guideStyles = xcss({
  backgroundColor: 'elevation.surface.sunken',
  borderRadius: 'radius.large',
  padding: 'space.300',
});

/** What to do at the provider, step by step. */
export function Guide({ values }: { values: FormValues }) {
  const titleId = useId();
  const { console: place, steps, note }: GuideText = guideOf(values);
  return (
    <Box as="aside" aria-labelledby={titleId} xcss={guideStyles}>
      <Stack space="space.150">
        <Heading as="h2" size="small" id={titleId}>
          {guideTitle}
        </Heading>
        <Text as="p">
          <Link href={place.url} target="_blank">
            {place.name}
          </Link>
        </Text>
        <ol>
          {steps.map((step) => (
            <li key={step}>
              <Text as="p">{step}</Text>
            </li>
          ))}
        </ol>
        <Text as="p" color="color.text.subtle">
          {note}
        </Text>
      </Stack>
    </Box>
  );
}
