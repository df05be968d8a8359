import { AppError } from './domain/app-error';
import type { Log } from './domain/ports';
import { redact } from './domain/redact';

/** Structured log lines for Forge's log viewer, redacted. The one place that may use `console`. */
export const log: Log = (level, event, fields = {}) => {
  const line = JSON.stringify({ event, ...(redact(fields, describe) as object) });
  // biome-ignore lint/suspicious/noConsole: Forge collects what functions write to the console.
  console[level](line.length > 4_000 ? `${line.slice(0, 4_000)}…` : line);
};

/** Errors say their code and message, never their cause's: server texts may quote what was sent. */
function describe(value: unknown): unknown {
  if (value instanceof AppError)
    return { code: value.code, kind: value.kind, message: value.message, cause: describe(value.cause) };
  if (value instanceof Error)
    return { name: value.name, message: value.message, stack: value.stack?.split('\n').slice(1, 4) };
  return value;
}
