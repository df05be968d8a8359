/**
 * State of an emulated provider as text and back: JSON in which a map, a set, a bigint and bytes are `{"$": kind, "of": …}`.
 * Bytes are written as latin1, so that mail stays readable.
 */
export function toText(state: unknown): string {
  return JSON.stringify(state, tagged, 1);
}

/** @throws SyntaxError */
export function fromText<T>(text: string): T {
  return JSON.parse(text, (_key, value) => untagged(value));
}

function tagged(this: unknown, key: string, value: unknown): unknown {
  // Bytes have a `toJSON` of their own, which was called already.
  const held: unknown = Reflect.get(Object(this), key);
  if (Buffer.isBuffer(held)) return { $: 'bytes', of: held.toString('latin1') };
  if (held instanceof Map) return { $: 'map', of: [...held] };
  if (held instanceof Set) return { $: 'set', of: [...held] };
  if (typeof held === 'bigint') return { $: 'bigint', of: String(held) };
  return value;
}

function untagged(value: unknown): unknown {
  const { $: kind, of } = Object(value);
  if (kind === 'bytes') return Buffer.from(of, 'latin1');
  if (kind === 'map') return new Map(of);
  if (kind === 'set') return new Set(of);
  return kind === 'bigint' ? BigInt(of) : value;
}
