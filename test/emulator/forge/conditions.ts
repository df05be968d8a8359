import * as z from 'zod';
import { KvsRefusal } from './kvs-values';
import { kvsLimits } from './limits';
import type { AttributeType, EntityDeclaration } from './manifest';

const clause = z.object({ condition: z.string(), values: z.array(z.unknown()) });
export const rangeShape = clause;
const filter = clause.extend({ property: z.string() });
export const filtersShape = z.strictObject({ and: z.array(filter).optional(), or: z.array(filter).optional() });

export type Clause = z.infer<typeof clause>;
export type Filters = z.infer<typeof filtersShape>;

type Test = {
  types: readonly AttributeType[];
  arity: 1 | 2;
  holds: (value: unknown, values: readonly unknown[]) => boolean;
};

const ordered: readonly AttributeType[] = ['string', 'integer', 'float'];
const typed: readonly AttributeType[] = [...ordered, 'boolean'];
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const tests = new Map<string, Test>([
  ['BEGINS_WITH', { types: ['string'], arity: 1, holds: (v, [a]) => typeof v === 'string' && v.startsWith(text(a)) }],
  ['BETWEEN', { types: ordered, arity: 2, holds: (v, [a, b]) => compareValues(v, a) >= 0 && compareValues(v, b) <= 0 }],
  ['EQUAL_TO', { types: typed, arity: 1, holds: (v, [a]) => v === a }],
  ['GREATER_THAN', { types: ordered, arity: 1, holds: (v, [a]) => compareValues(v, a) > 0 }],
  ['GREATER_THAN_EQUAL_TO', { types: ordered, arity: 1, holds: (v, [a]) => compareValues(v, a) >= 0 }],
  ['LESS_THAN', { types: ordered, arity: 1, holds: (v, [a]) => compareValues(v, a) < 0 }],
  ['LESS_THAN_EQUAL_TO', { types: ordered, arity: 1, holds: (v, [a]) => compareValues(v, a) <= 0 }],
]);

const filterTests = new Map<string, Test>([
  ...tests,
  ['NOT_EQUAL_TO', { types: typed, arity: 1, holds: (v, [a]) => v !== a }],
  ['CONTAINS', { types: ['string'], arity: 1, holds: (v, [a]) => typeof v === 'string' && v.includes(text(a)) }],
  ['NOT_CONTAINS', { types: ['string'], arity: 1, holds: (v, [a]) => typeof v === 'string' && !v.includes(text(a)) }],
  ['EXISTS', { types: typed, arity: 1, holds: (v) => v !== undefined }],
  ['NOT_EXISTS', { types: typed, arity: 1, holds: (v) => v === undefined }],
]);

/** A predicate over range values. @throws KvsRefusal 422 */
export function rangePredicate(range: Clause | undefined, type: AttributeType): (value: unknown) => boolean {
  if (!range) return () => true;
  const test = testFor(tests, range, type, 'the range attribute');
  return (value) => test.holds(value, range.values);
}

/** A predicate over entity values; absent filters hold. @throws KvsRefusal 422 */
export function filterPredicate(filters: Filters | undefined, entity: EntityDeclaration): (value: unknown) => boolean {
  if (!filters) return () => true;
  if (filters.and && filters.or) throw new KvsRefusal(422, 'INVALID_FILTER', 'and and or can not be used together.');
  const items = filters.and ?? filters.or ?? [];
  if (items.length > kvsLimits.conditions) {
    throw new KvsRefusal(422, 'INVALID_FILTER', `At most ${kvsLimits.conditions} conditions are allowed.`);
  }
  const predicates = items.map((item) => {
    const type = entity.attributes.get(item.property);
    if (!type) throw new KvsRefusal(422, 'INVALID_FILTER', `${entity.name} has no attribute ${item.property}.`);
    const test = testFor(filterTests, item, type, item.property);
    return (value: unknown) => test.holds(attribute(value, item.property), item.values);
  });
  return (value) =>
    filters.and
      ? predicates.every((holds) => holds(value))
      : predicates.length === 0 || predicates.some((holds) => holds(value));
}

function testFor(
  known: ReadonlyMap<string, Test>,
  { condition, values }: Clause,
  type: AttributeType,
  what: string,
): Test {
  const test = known.get(condition);
  if (!test?.types.includes(type)) {
    throw new KvsRefusal(
      422,
      'INVALID_CONDITION',
      `${condition} can not be used on ${what}, which is of type ${type}.`,
    );
  }
  if (values.length !== test.arity) {
    throw new KvsRefusal(422, 'INVALID_CONDITION', `${condition} takes ${test.arity} value(s).`);
  }
  const unary = condition === 'EXISTS' || condition === 'NOT_EXISTS';
  if (!unary && !values.every((value) => isOfType(value, type))) {
    throw new KvsRefusal(422, 'INVALID_CONDITION', `The values of ${condition} on ${what} must be of type ${type}.`);
  }
  return test;
}

export function attribute(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** Custom entity values (manifest reference, "Values"). */
export function isOfType(value: unknown, type: AttributeType): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string' && value.trim() !== '';
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31;
    case 'float':
      return typeof value === 'number' && (value === 0 || (Math.abs(value) >= 1e-130 && Math.abs(value) < 1e126));
    case 'boolean':
      return typeof value === 'boolean';
    case 'any':
      return value !== undefined && value !== null;
  }
}

/** Orders two values of one type. */
export function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  const [x, y] = [Number(a), Number(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}
