import * as z from 'zod';
import { kvsLimits } from './limits';

/** A refusal of the storage API: `{code, message}` with its status. */
export class KvsRefusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const ttlUnits = { SECONDS: 1_000, MINUTES: 60_000, HOURS: 3_600_000, DAYS: 86_400_000 } as const;

const ttl = z.strictObject({ value: z.number().positive(), unit: z.enum(['SECONDS', 'MINUTES', 'HOURS', 'DAYS']) });
const metadataFields = z.array(z.enum(['CREATED_AT', 'UPDATED_AT', 'EXPIRE_TIME']));

export const getOptions = z.strictObject({ metadataFields: metadataFields.optional() });
/** What transactions and batches take. */
export const writeOptions = z.strictObject({ ttl: ttl.optional() });
export const setOptions = z
  .strictObject({
    ttl: ttl.optional(),
    keyPolicy: z.enum(['OVERRIDE', 'FAIL_IF_EXISTS']).optional(),
    returnValue: z.enum(['PREVIOUS', 'LATEST']).optional(),
    returnMetadataFields: metadataFields.optional(),
  })
  .refine(({ keyPolicy, returnValue }) => returnValue === undefined || keyPolicy !== 'FAIL_IF_EXISTS', {
    message: 'returnValue needs the key policy OVERRIDE',
  })
  .refine(({ returnValue, returnMetadataFields }) => returnMetadataFields === undefined || returnValue !== undefined, {
    message: 'returnMetadataFields needs returnValue',
  });

/** Parses a request body. @throws KvsRefusal 400 */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new KvsRefusal(400, 'INVALID_REQUEST', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`);
}

/** @throws KvsRefusal 400 */
export function checkKey(key: string): void {
  if (key.length === 0) throw new KvsRefusal(400, 'KEY_TOO_SHORT', 'Key must contain at least 1 character.');
  if (key.length > kvsLimits.keyChars) {
    throw new KvsRefusal(400, 'KEY_TOO_LONG', `Key must be at most ${kvsLimits.keyChars} characters.`);
  }
  if (!kvsLimits.keyPattern.test(key)) {
    throw new KvsRefusal(400, 'INVALID_KEY_FORMAT', `Key does not match the regex ${String(kvsLimits.keyPattern)}.`);
  }
}

/** @throws KvsRefusal 400 */
export function checkValue(value: unknown, largest: number): void {
  if (value === undefined || value === null) throw new KvsRefusal(400, 'INVALID_VALUE', 'Value must not be empty.');
  if (Buffer.byteLength(JSON.stringify(value)) > largest) {
    throw new KvsRefusal(400, 'MAX_SIZE', `Value must be at most ${largest / 1024} KiB.`);
  }
  if (depthOf(value) > kvsLimits.depth) {
    throw new KvsRefusal(400, 'MAX_DEPTH', `Value must be at most ${kvsLimits.depth} levels deep.`);
  }
}

/** Milliseconds; null when there is none. @throws KvsRefusal 400 */
export function ttlMs(options: { ttl?: z.infer<typeof ttl> | undefined } | undefined): number | null {
  if (!options?.ttl) return null;
  const milliseconds = options.ttl.value * ttlUnits[options.ttl.unit];
  if (milliseconds > kvsLimits.ttlMs) throw new KvsRefusal(400, 'INVALID_TTL', 'TTL must be at most 1 year.');
  return milliseconds;
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let deepest = 0;
  for (const child of Object.values(value)) deepest = Math.max(deepest, depthOf(child));
  return deepest + 1;
}
