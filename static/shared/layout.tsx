import Heading from '@atlaskit/heading';
import { Box, Grid, Inline, Stack, xcss } from '@atlaskit/primitives';
import Spinner from '@atlaskit/spinner';
import { type ReactNode, useSyncExternalStore } from 'react';

/** The layout's only measures: how wide lines of a form may grow, and from where on a table has room for all its columns. */
const formWidth = '40rem';
const guideWidth = '28rem';
const wideTable = '(min-width: 60rem)';

const pageStyles = xcss({ paddingBlock: 'space.300', paddingInline: 'space.200' });
const formStyles = xcss({ maxWidth: formWidth });

export function Page({ children }: { children: ReactNode }) {
  return (
    <Box as="main" xcss={pageStyles}>
      <Stack space="space.300">{children}</Stack>
    </Box>
  );
}

export function FormColumn({ children }: { children: ReactNode }) {
  return <Box xcss={formStyles}>{children}</Box>;
}

/** A form with what helps to fill it in beside it, or above it where there is no room. */
export function WithGuide({ guide, children }: { guide: ReactNode; children: ReactNode }) {
  const isWide = useHasWideTable();
  if (!isWide) {
    return (
      <Stack space="space.400">
        {guide}
        {children}
      </Stack>
    );
  }
  return (
    <Grid gap="space.500" alignItems="start" templateColumns={`minmax(0, ${formWidth}) minmax(0, ${guideWidth})`}>
      {children}
      {guide}
    </Grid>
  );
}

export function PageHeader({ title, actions }: { title: string; actions?: ReactNode }) {
  return (
    <Inline space="space.200" rowSpace="space.100" spread="space-between" alignBlock="center" shouldWrap>
      <Heading as="h1" size="large">
        {title}
      </Heading>
      {actions}
    </Inline>
  );
}

function subscribe(changed: () => void): () => void {
  const query = window.matchMedia(wideTable);
  query.addEventListener('change', changed);
  return () => query.removeEventListener('change', changed);
}

export function useHasWideTable(): boolean {
  return useSyncExternalStore(subscribe, () => window.matchMedia(wideTable).matches);
}

export function Loading({ label }: { label: string }) {
  return (
    <Inline alignInline="center">
      <Spinner size="large" label={label} />
    </Inline>
  );
}
