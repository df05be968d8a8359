import Heading from '@atlaskit/heading';
import { Box, Grid, Stack, Text, xcss } from '@atlaskit/primitives';
import SectionMessage from '@atlaskit/section-message';
import { type ReactNode, useId } from 'react';

const sectionStyles = xcss({ borderStyle: 'none', padding: 'space.0', margin: 'space.0' });

/** Fields that belong together, under a heading. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  const titleId = useId();
  return (
    <Box role="group" aria-labelledby={titleId} xcss={sectionStyles}>
      <Stack space="space.200">
        <Heading as="h2" size="small" id={titleId}>
          {title}
        </Heading>
        {/* What is wider than the section scrolls in it, and does not widen the page. */}
        <Grid gap="space.200" templateColumns="minmax(0, 1fr)">
          {children}
        </Grid>
      </Stack>
    </Box>
  );
}

/** What a choice in the form brings with it. */
export function Warning({ children }: { children: string }) {
  return (
    <SectionMessage appearance="warning">
      <Text as="p">{children}</Text>
    </SectionMessage>
  );
}
