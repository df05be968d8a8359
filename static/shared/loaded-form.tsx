import { Fragment, type ReactNode, useState } from 'react';
import { Loading } from './layout';
import { QueryNotice, type QueryTexts } from './query-notice';
import { useQuery } from './use-query';

interface Props<T> {
  /** Stays the same function while it loads the same thing. */
  load: () => Promise<T>;
  texts: QueryTexts;
  /** `onReload` loads it anew, and begins a new form with that. */
  children: (value: T, onReload: () => void) => ReactNode;
}

/** A form of something that has to be loaded first. */
export function LoadedForm<T>({ load, texts, children }: Props<T>) {
  const [generation, setGeneration] = useState(0);
  const query = useQuery(load);
  const { value, error, loading } = query;

  const startAnew = async () => {
    await query.reload();
    setGeneration((before) => before + 1);
  };
  if (error || value === null) return <QueryNotice query={query} texts={texts} />;
  if (loading && generation === 0) return <Loading label={texts.loading} />;
  return <Fragment key={generation}>{children(value, () => void startAnew())}</Fragment>;
}
