import * as z from 'zod';

/** The queue that a request to the queue names. */
export const queueOf = (text: string): string =>
  z.object({ queueName: z.string() }).safeParse(JSON.parse(text)).data?.queueName ?? '';

const named = z.looseObject({ key: z.string().optional(), entityName: z.string().optional() });
const namesKeys = z.union([
  z.array(named),
  z.looseObject({
    key: z.string().optional(),
    entityName: z.string().optional(),
    set: z.array(named).optional(),
    delete: z.array(named).optional(),
  }),
]);

/** The keys that a storage request names, for faults to match: `a entity/b`. */
export function keysOf(text: string): string {
  const parsed = namesKeys.safeParse(text === '' ? {} : JSON.parse(text));
  if (!parsed.success) return '';
  const items = Array.isArray(parsed.data)
    ? parsed.data
    : [parsed.data, ...(parsed.data.set ?? []), ...(parsed.data.delete ?? [])];
  return items
    .flatMap(({ key, entityName }) =>
      key === undefined ? [] : [entityName === undefined ? key : `${entityName}/${key}`],
    )
    .join(' ');
}
