import { Fragment, type ReactNode, useState } from 'react';
import { ErrorNotice } from './error-notice';
import { Loading } from './layout';
import { useQuery } from './use-query';

interface Props<T> {
  /** Stays the same function while it loads the same thing. */
  load: () => Promise<T>;
  texts: Record<'loading' | 'loadFailed' | 'retry', string>;
  /** `onReload` loads it anew, and begins a new form with that. */
  children: (value: T, onReload: () => void) => ReactNode;
}

/** A form of something that has to be loaded first. */
export function LoadedForm<T>({ load, texts, children }: Props<T>) {
  const [generation, setGeneration] = useState(0);
  const { value, error, loading, reload } = useQuery(load);

  const startAnew = async () => {
    await reload();
    setGeneration((before) => before + 1);
  };
  if (error) {
    return (
      <ErrorNotice title={texts.loadFailed} error={error} retry={{ label: texts.retry, run: () => void reload() }} />
    );
  }
  if (value === null || (loading && generation === 0)) return <Loading label={texts.loading} />;
  return <Fragment key={generation}>{children(value, () => void startAnew())}</Fragment>;
}
