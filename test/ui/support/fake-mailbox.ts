import type { CheckReport, CheckStep, Folder } from '../../../src/domain/ports';
import type { ConnectionView } from '../../../src/resolvers/views';

type Settings = ConnectionView['settings'];

export const goodPassword = 'correct horse';

export const hostOf = (settings: Settings): string => ('host' in settings ? settings.host : 'example.com');

/** `example.com` resolves, and only `goodPassword` opens the mailbox. */
export function check(settings: Settings, password: string, folders: readonly Folder[]): CheckReport {
  const steps: CheckStep[] = [];
  const step = (name: CheckStep['step'], ok: boolean, message: string, detail: string | null = null) => {
    steps.push({ step: name, ok, took: 10 + steps.length * 7, message, detail });
    return ok;
  };
  const host = hostOf(settings);
  const found = host.endsWith('example.com');
  const ok =
    step('lookup', found, found ? '192.0.2.10' : `No server is known by the name ${host}. Check the host.`) &&
    step('connect', true, `Port ${'port' in settings ? settings.port : 443} answers.`) &&
    step('tls', true, 'TLSv1.3, imap.example.com, valid until 2027-01-31') &&
    (password === goodPassword
      ? step('sign-in', true, `Signed in as ${settings.username}.`)
      : step(
          'sign-in',
          false,
          'The server refused the user name or the password. Check both.',
          'AUTHENTICATIONFAILED',
        )) &&
    (settings.folder === '' || folders.some(({ path }) => path === settings.folder)
      ? step('folder', true, settings.folder || 'INBOX')
      : step('folder', false, `There is no folder ${settings.folder}. Choose one of the list.`, 'NONEXISTENT')) &&
    step('count', true, '12 messages, 3 of them unread');
  return { ok, steps, messages: ok ? { total: 12, unread: settings.provider === 'pop3' ? null : 3 } : null };
}
