import { makeResolver } from '@forge/resolver';
import type * as z from 'zod';
import { AppError, isConsentError, toAppError } from '../domain/app-error';
import { jiraQuotaCode } from '../domain/jira-quota';
import type { Log } from '../domain/ports';
import { type FunctionName, licensedFunctions, payloads, type Result, type Values } from './contract';

/** Who calls, from the resolver's context: a payload or the page could say anything. */
export interface Caller {
  accountId: string;
}

/** What a resolver function gets from Forge; only the context is to be trusted. */
export interface ResolverRequest {
  payload?: unknown;
  context: { accountId?: unknown };
}

export interface GuardPorts {
  /** True only for a clear yes of Jira's. */
  isAdministrator(accountId: string): Promise<boolean>;
  /** Whether this installation may fetch and send mail. */
  isLicensed(): boolean;
  log: Log;
}

export type Handler<K extends FunctionName> = (
  payload: z.output<(typeof payloads)[K]>,
  caller: Caller,
) => Promise<Values[K]>;
export type Handlers = { [K in FunctionName]: Handler<K> };

/**
 * Makes a resolver function: asks whether the caller is a Jira administrator, then checks the payload against
 * its schema, then runs it. Whatever is thrown becomes the error of the envelope; what is not ours to show stays in the log. Only
 * the platform's error that asks the user for consent goes on to the platform.
 */
function define<K extends FunctionName>(name: K, handler: Handler<K>, ports: GuardPorts) {
  return async (request: ResolverRequest): Promise<Result<Values[K]>> => {
    try {
      const { accountId } = request.context;
      if (typeof accountId !== 'string' || accountId === '' || !(await isAllowed(accountId, ports))) throw forbidden();
      if (licensedFunctions.has(name) && !ports.isLicensed()) throw unlicensed();
      const payload = parse(name, request.payload);
      return { ok: true, value: await handler(payload, { accountId }) };
    } catch (thrown) {
      if (isConsentError(thrown)) throw thrown;
      return failure(name, thrown, ports);
    }
  };
}

/** The resolver of the pages: these functions of the contract, guarded; there is no other way to make one. */
export function guardedResolver(handlers: Partial<Handlers>, ports: GuardPorts): ReturnType<typeof makeResolver> {
  const names = Object.keys(handlers) as FunctionName[];
  const resolve = makeResolver(Object.fromEntries(names.map((name) => [name, guarded(name)])));
  return async (request, runtime) => {
    // The platform's resolver would take `constructor` and the like for functions of ours.
    if (Object.hasOwn(handlers, request.call.functionKey)) return resolve(request, runtime);
    const message = 'This version of Letterbox has no such function. Reload the page.';
    return { ok: false, error: { code: 'unknown-function', kind: 'input', message } };
  };

  function guarded<K extends FunctionName>(name: K) {
    const handler: Handler<K> | undefined = handlers[name];
    if (handler === undefined) throw new Error(`The function ${name} has no handler.`);
    return define(name, handler, ports);
  }
}

function unlicensed(): AppError {
  const message =
    'Letterbox has no active license, so no mail is fetched or sent. Nothing is lost. Have the license renewed; Letterbox then goes on where it stopped.';
  return new AppError('unlicensed', 'access', message);
}

function forbidden(): AppError {
  return new AppError(
    'forbidden',
    'access',
    'Only Jira administrators can see and change mail connections. Ask one of them.',
  );
}

async function isAllowed(accountId: string, ports: GuardPorts): Promise<boolean> {
  try {
    return (await ports.isAdministrator(accountId)) === true;
  } catch (failure) {
    // Refused all the same, with the reason: an administrator would take "forbidden" for a lost right.
    if (isConsentError(failure) || toAppError(failure).code === jiraQuotaCode) throw failure;
    ports.log('warn', 'permission-check-failed', { failure });
    return false;
  }
}

class InvalidPayload extends Error {
  readonly fields: Record<string, string>;
  constructor(fields: Record<string, string>) {
    super('Some fields need another look.');
    this.fields = fields;
  }
}

function parse<K extends FunctionName>(name: K, payload: unknown): z.output<(typeof payloads)[K]> {
  const parsed = (payloads[name] as z.ZodType).safeParse(payload ?? {});
  if (parsed.success) return parsed.data as z.output<(typeof payloads)[K]>;
  const fields: Record<string, string> = {};
  for (const issue of parsed.error.issues) fields[issue.path.join('.') || 'payload'] ??= issue.message;
  throw new InvalidPayload(fields);
}

function failure(
  name: FunctionName,
  thrown: unknown,
  { log }: GuardPorts,
): { ok: false; error: Extract<Result<never>, { ok: false }>['error'] } {
  if (thrown instanceof InvalidPayload) {
    return { ok: false, error: { code: 'invalid', kind: 'input', message: thrown.message, fields: thrown.fields } };
  }
  const error = toAppError(thrown);
  log(error.kind === 'bug' ? 'error' : 'info', 'resolver-failed', { name, code: error.code, cause: error.cause });
  return {
    ok: false,
    error: {
      code: error.code,
      kind: error.kind,
      message: error.message,
      ...(error.field === undefined ? {} : { fields: { [error.field]: error.message } }),
      ...(error.step === undefined ? {} : { step: error.step }),
      ...(error.detail === undefined ? {} : { detail: error.detail }),
      ...(error.protocol === undefined ? {} : { protocol: error.protocol }),
    },
  };
}
