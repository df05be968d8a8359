import { AppError } from '../domain/app-error';

/**
 * Refuses an authorization that lacks a scope: people may leave out boxes on the consent page, and the mailbox would then
 * fail at its first poll instead of here.
 * @throws AppError `scope-missing`
 */
export function requireScopes(provider: string, asked: readonly string[], granted: readonly string[]): void {
  const has = new Set(granted.map((scope) => scope.toLowerCase()));
  const missing = asked.filter((scope) => !has.has(scope.toLowerCase()));
  if (missing.length === 0) return;
  const names = missing.map((scope) => scope.slice(scope.lastIndexOf('/') + 1)).join(', ');
  throw new AppError(
    'scope-missing',
    'access',
    `${provider} did not give access to mail (missing: ${names}). Authorize again, and allow everything that is asked for.`,
    { step: 'sign-in' },
  );
}
