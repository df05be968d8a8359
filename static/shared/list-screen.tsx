import Button from '@atlaskit/button/new';
import EmptyState from '@atlaskit/empty-state';
import type { ReactNode } from 'react';
import { PageHeader } from './layout';
import { QueryNotice, type QueryTexts } from './query-notice';
import { useRouter } from './router';
import type { Query } from './use-query';

interface Props<T> {
  query: Query<unknown>;
  /** What the query found; null before it did. */
  items: readonly T[] | null;
  texts: QueryTexts & Record<'title' | 'add' | 'emptyTitle' | 'empty', string>;
  /** Where one is added. */
  addPath: string;
  /** Stands above the list, be it empty or not. */
  intro?: ReactNode;
  /** Called only when there is something to list. */
  children: (items: readonly T[]) => ReactNode;
}

/** A screen that lists what administrators make, edit and delete, with a way to add the first one and more. */
export function ListScreen<T>({ query, items, texts, addPath, intro, children }: Props<T>) {
  const { navigate } = useRouter();
  const isFilled = items !== null && items.length > 0;
  const add = (
    <Button appearance="primary" onClick={() => navigate(addPath)}>
      {texts.add}
    </Button>
  );
  return (
    <>
      <PageHeader title={texts.title} actions={isFilled && add} />
      <QueryNotice query={query} texts={texts} />
      {intro}
      {items?.length === 0 && (
        <EmptyState header={texts.emptyTitle} headingLevel={2} description={texts.empty} primaryAction={add} />
      )}
      {isFilled && children(items)}
    </>
  );
}
