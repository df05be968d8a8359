import { AppError } from '../domain/app-error';

/**
 * Notes a page's token or link, so that a provider whose pages go round in a circle can't keep a poll busy for ever.
 * @param name of the provider, for people
 * @throws AppError `paging-loop` (transient) when the page was seen before
 */
export function refuseRepeated(name: string, seen: Set<string>, page: string): void {
  if (!seen.has(page)) return void seen.add(page);
  const message = `${name} sends the same page again and again. Letterbox tries again later.`;
  throw new AppError('paging-loop', 'transient', message, { step: 'count' });
}
