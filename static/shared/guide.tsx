import Heading from '@atlaskit/heading';
import { Box, Stack, Text, xcss } from '@atlaskit/primitives';
import { type ReactNode, useId } from 'react';
import { OutsideLink } from './outside-link';

const guideStyles = xcss({
  backgroundColor: 'elevation.surface.sunken',
  borderRadius: 'radius.large',
  padding: 'space.300',
});

interface Props {
  title: string;
  /** Where it is to be done; null where that is no one place. */
  place: { name: string; url: string } | null;
  steps: readonly string[];
  note: string;
  children?: ReactNode;
}

/** What to do elsewhere so that a form can be filled in, step by step. */
export function Guide({ title, place, steps, note, children }: Props) {
  const titleId = useId();
  return (
    <Box as="aside" aria-labelledby={titleId} xcss={guideStyles}>
      <Stack space="space.150">
        <Heading as="h2" size="small" id={titleId}>
          {title}
        </Heading>
        {place !== null && <OutsideLink href={place.url}>{place.name}</OutsideLink>}
        <ol>
          {steps.map((step) => (
            <li key={step}>
              <Text as="p">{step}</Text>
            </li>
          ))}
        </ol>
        {children}
        <Text as="p" color="color.text.subtle">
          {note}
        </Text>
      </Stack>
    </Box>
  );
}
