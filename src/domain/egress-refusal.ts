import { AppError } from './app-error';

/*
 * What Forge's proxy does where the app may not send to a host: nothing goes out. Published are the error's name and its status 403
 * (FORGE.md §1); the codes of the proxy are not, so that a name or a text with "egress" in it counts too.
 */

/** Whether that is why `fetch` rejected. */
export function isEgressRefusal(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null) return false;
  const said = (name: string) => String(Reflect.get(thrown, name) ?? '');
  if ([said('name'), said('errorCode')].some((name) => name.includes('EGRESS'))) return true;
  return isEgressAnswer(Number(said('status')), `${said('errorCode')} ${said('message')}`);
}

/** Whether an answer comes from the proxy, and not from the host that was asked. */
export const isEgressAnswer = (status: number, text: string): boolean => status === 403 && /egress/i.test(text);

/** For hosts of the manifest, which an administrator has agreed to. It passes once they are allowed again. */
export function hostNotAllowed(name: string): AppError {
  const message = `Letterbox may not send requests to ${name}: Jira does not allow the app that host. An administrator has to open Letterbox under Connected apps, and allow it again.`;
  return new AppError('host-not-allowed', 'transient', message);
}
