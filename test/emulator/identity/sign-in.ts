import type { Identity } from './identity';

export interface SignInChoice {
  /** The account's address. */
  address: string;
  /** Cancels instead. */
  cancel?: boolean;
  /** Boxes to leave out: scopes that contain one of these words. */
  without?: readonly string[];
}

/** Clicks through the sign-in page as a person would, and returns the address that the browser is sent back to. */
export async function signIn(identity: Identity, authorizationUrl: string, choice: SignInChoice): Promise<URL> {
  const cookies = new Map<string, string>();
  const visit = async (url: string, body?: URLSearchParams): Promise<{ response: Response; url: string }> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(body ? { method: 'POST', body } : {}),
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      cookies.set(name, value);
    }
    return { response, url };
  };

  const first = await visit(identity.localUrl(authorizationUrl));
  const pageUrl = next(first);
  const html = await (await visit(pageUrl)).response.text();
  const user = identity.users.find((candidate) => candidate.address === choice.address);
  if (!user || !html.includes(`value="${user.id}"`))
    throw new Error(`The sign-in page does not offer ${choice.address}.`);
  const form = new URLSearchParams({ account: user.id, decision: choice.cancel ? 'cancel' : 'allow' });
  for (const [, scope = ''] of html.matchAll(/name="scope" value="([^"]*)"/g)) {
    if (!choice.without?.some((word) => scope.includes(word))) form.append('scope', scope);
  }
  const answered = await visit(pageUrl, form);
  return new URL(next(await visit(next(answered))));
}

function next({ response, url }: { response: Response; url: string }): string {
  const location = response.headers.get('location');
  if (location === null) throw new Error(`${new URL(url).pathname} answered ${response.status} instead of going on.`);
  return new URL(location, url).href;
}
