import { opsgenieHosts } from '../domain/alert';
import type { PostNotice } from '../domain/alert-ports';
import { opsgenieRefusal, opsgenieRequests } from './opsgenie';
import { type Post, type PostDeps, postJson } from './post-json';
import { slackMessage, slackRefusal } from './slack';
import { teamsMessage, teamsRefusal } from './teams';
import { webhookBody } from './webhook';

/** Posts notices over HTTPS. */
export function noticePoster(deps: PostDeps): PostNotice {
  return async (channel, secret, notice) => {
    const { url } = secret;
    const secrets = [...secretParts(url), secret.apiKey, secret.headerValue];
    const post = (rest: Pick<Post, 'name' | 'body'> & Partial<Post>) => postJson(deps, { url, secrets, ...rest });
    switch (channel.type) {
      case 'slack':
        return post({ name: 'Slack', body: slackMessage(notice), explain: slackRefusal });
      case 'teams':
        return post({ name: 'Teams', body: teamsMessage(notice), explain: teamsRefusal });
      case 'webhook': {
        const headers = channel.headerName === '' ? {} : { [channel.headerName]: secret.headerValue };
        return post({ name: 'The webhook', headers, body: webhookBody(notice) });
      }
      case 'opsgenie': {
        const origin = `https://${opsgenieHosts[channel.region]}`;
        const headers = { authorization: `GenieKey ${secret.apiKey}` };
        let reply = '';
        // In order: an alert is closed after it was created. A second try of them all changes nothing, since aliases name them.
        for (const { path, body } of opsgenieRequests(notice)) {
          ({ reply } = await post({ name: 'Opsgenie', url: origin + path, headers, body, explain: opsgenieRefusal }));
        }
        return { reply };
      }
    }
  };
}

/** Characters of a part of a webhook's URL that may be its secret. */
const shortestPart = 16;

/** What of a webhook's URL is not to be seen. Servers repeat the path that they do not know, without the host. */
function secretParts(url: string): string[] {
  if (url === '') return [];
  const { href, pathname, search, searchParams } = new URL(url);
  // A part alone, too, or with slashes escaped as in JSON. Short parts are words such as "services".
  const parts = [...pathname.split('/'), ...search.split(/[?&=]/)].filter(({ length }) => length >= shortestPart);
  return [href, pathname + search, pathname, ...searchParams.values(), ...parts];
}
