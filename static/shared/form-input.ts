import type * as z from 'zod';
import type { FieldErrors } from './use-form';

/** A form holds texts; settings hold what a schema says. These lead from one to the other. */

/** `Number('')` is 0, which would turn a field that was left empty into an odd message about a minimum. */
export const toNumber = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));

/** Settings as the texts of fields of the same names. What is not plain there needs more than that. */
export const toTexts = (settings: object): Record<string, string> =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));

/** What the schema finds wrong: the path in the settings → the first message. */
export function problemsOf(schema: z.ZodType, input: unknown): FieldErrors {
  const problems: Record<string, string> = {};
  for (const { path, message } of schema.safeParse(input).error?.issues ?? []) problems[path.join('.')] ??= message;
  return problems;
}
