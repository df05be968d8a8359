import { ErrorNotice } from './error-notice';
import { Loading } from './layout';
import type { Query } from './use-query';

export type QueryTexts = Record<'loading' | 'loadFailed' | 'retry', string>;

/** What has to be said of a query: that its first answer is awaited, or why the last one did not come, with a way to ask again. */
export function QueryNotice({ query, texts }: { query: Omit<Query<unknown>, 'loading'>; texts: QueryTexts }) {
  const { value, error, reload } = query;
  if (error) {
    return (
      <ErrorNotice title={texts.loadFailed} error={error} retry={{ label: texts.retry, run: () => void reload() }} />
    );
  }
  return value === null ? <Loading label={texts.loading} /> : null;
}
