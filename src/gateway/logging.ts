import type { FastifyServerOptions } from 'fastify';
import type { AppError } from '../domain/app-error';
import type { GatewayConfig } from './config';

/** Where log lines go instead of standard output. */
export interface LogStream {
  write(line: string): void;
}

/**
 * Structured logs that hold no credential, address or body: requests are named by their route, and errors by name, code and
 * place in the code, since their messages may quote a host, a user or a mail.
 */
export function loggerOptions(
  level: GatewayConfig['logLevel'],
  stream?: LogStream,
): NonNullable<FastifyServerOptions['logger']> {
  return {
    level,
    ...(stream === undefined ? {} : { stream }),
    serializers: {
      req: (request) => ({ method: request.method, route: request.routeOptions?.url ?? 'unknown' }),
      res: (reply) => ({ statusCode: reply.statusCode }),
      err: (error) => describeError(error),
    },
  };
}

function describeError(error: unknown) {
  const fact = (name: string) => String(Reflect.get(Object(error), name) ?? '');
  return { type: fact('name'), message: fact('code'), stack: stackFrames(fact('stack')) };
}

/** The lines of a stack that name places in the code. The first line quotes the message. */
const stackFrames = (stack: string) =>
  stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');

/** What the log is told of a job that failed: as plain values, which can be sent to another thread. */
export interface Trouble {
  level: 'info' | 'error';
  message: string;
  fields: Record<string, unknown>;
}

/** Only our own errors are loud. */
export function troubleOf(error: AppError): Trouble {
  const fields = { code: error.code, kind: error.kind, step: error.step };
  if (error.kind === 'bug')
    return { level: 'error', message: 'bug', fields: { ...fields, failure: describeError(error.cause ?? error) } };
  return { level: 'info', message: 'mailbox error', fields: { ...fields, cause: causeCode(error.cause) } };
}

/** Codes such as ECONNRESET name no address; anything longer might. */
function causeCode(cause: unknown): string | undefined {
  const code = Reflect.get(Object(cause), 'code');
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : undefined;
}
