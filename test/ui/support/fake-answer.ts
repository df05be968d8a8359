import { type FunctionName, payloads, type Result } from '../../../src/resolvers/contract';

export type Refusal = Extract<Result<never>, { ok: false }>['error'];

/** Thrown by a function of the fake; becomes the error of the envelope. */
export class Refused extends Error {
  readonly error: Refusal;
  constructor(code: string, message: string, fields?: Record<string, string>) {
    super(message);
    this.error = { code, kind: 'input', message, ...(fields && { fields }) };
  }
}

interface Guarded {
  failing: ReadonlyMap<FunctionName, Refusal>;
  isAdministrator: boolean;
}

/** What the real resolvers do around each function: permission, then schema, then the envelope. */
export function answer(app: Guarded, handlers: object, name: string, payload: unknown): Result<unknown> {
  if (!app.isAdministrator) {
    const message = 'Only Jira administrators may use Letterbox’s settings. Ask one of them.';
    return { ok: false, error: { code: 'forbidden', kind: 'access', message } };
  }
  const schema = Object.entries(payloads).find(([known]) => known === name)?.[1];
  const handler: unknown = Reflect.get(handlers, name);
  if (!schema || typeof handler !== 'function') throw new Error(`The page called ${name}, which does not exist.`);
  const failure = [...app.failing].find(([failing]) => failing === name)?.[1];
  if (failure) return { ok: false, error: failure };
  const parsed = schema.safeParse(payload);
  if (!parsed.success) {
    const fields = Object.fromEntries(parsed.error.issues.map(({ path, message }) => [path.join('.'), message]));
    return { ok: false, error: { code: 'invalid', kind: 'input', message: 'Some fields need another look.', fields } };
  }
  try {
    return { ok: true, value: handler(parsed.data) };
  } catch (thrown) {
    if (thrown instanceof Refused) return { ok: false, error: thrown.error };
    throw thrown;
  }
}
