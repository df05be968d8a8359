import type { FastifyInstance, FastifyRequest } from 'fastify';
import { findUser, type User, users } from '../jira/site';
import type { LocalParts } from './local-parts';
import { shellPage } from './pages/shell';
import { sendPage } from './web-server';

/** The admin page in Jira's settings, and the files of the app's pages in their frames. */

/** The one environment that the app is deployed to here; a part of the page's address. */
const environmentId = 'local';

export function addFrameRoutes(app: FastifyInstance, { forge, manifest, pages, providers, url }: LocalParts): void {
  const { adminPage, appId } = manifest;
  const base = `/jira/settings/apps/${appId}/${environmentId}`;

  app.get('/jira/settings/apps', (_request, reply) => reply.redirect(firstPage()));
  app.get(base, (request, reply) => adminShell(request, reply));
  app.get(`${base}/*`, (request, reply) => adminShell(request, reply));

  // The app knows the environment of the emulated platform, which is another one in each folder of data.
  app.get<{ Params: { '*': string } }>(`/jira/settings/apps/${appId}/:environment/*`, ({ params }, reply) =>
    reply.redirect(`${base}/${params['*']}`),
  );

  const firstPage = () => {
    const first = [...(adminPage?.sections.flatMap((section) => section.pages) ?? []), ...(adminPage?.pages ?? [])][0];
    return first === undefined ? base : `${base}/${first.route}`;
  };

  const adminShell = (request: FastifyRequest, reply: Parameters<typeof sendPage>[0]) => {
    if (adminPage === undefined) return sendPage(reply, null);
    const user = signedIn(request);
    const frameUrl = `/_local/frames/${appId}/${environmentId}/${adminPage.resource}/`;
    const context = {
      accountId: user.accountId,
      cloudId: 'local',
      environmentId,
      environmentType: 'DEVELOPMENT',
      extension: { type: 'jira:adminPage', location: url + request.url },
      localId: `ari:cloud:jira::site/local/${adminPage.key}`,
      locale: 'en-US',
      moduleKey: adminPage.key,
      siteUrl: url,
      timezone: user.timeZone,
      license: forge.license(),
    };
    const { hosts } = providers;
    const config = { module: adminPage.key, frameUrl, base, accountId: user.accountId, context, hosts };
    const theme = cookie(request, 'letterbox-theme') ?? 'auto';
    return sendPage(reply, shellPage({ page: adminPage, user, theme, config, built: pages.built() }));
  };

  app.get<{ Params: { resource: string; '*': string } }>(
    `/_local/frames/${appId}/${environmentId}/:resource/*`,
    async ({ params }, reply) => {
      const file = await pages.file(params.resource, params['*']);
      if (file === undefined) return reply.callNotFound();
      return reply
        .type(file.type)
        .header('content-security-policy', manifest.contentSecurityPolicy)
        .header('x-content-type-options', 'nosniff')
        .header('cache-control', 'no-store')
        .send(file.body);
    },
  );
}

function cookie({ headers }: FastifyRequest, name: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  const value = pairs.find(([key]) => key === name)?.[1];
  return value === undefined ? undefined : decodeURIComponent(value);
}

/** The user that was chosen in the page's head; the administrator until then. */
function signedIn(request: FastifyRequest): User {
  const [first] = users;
  const user = findUser(cookie(request, 'letterbox-user') ?? 'admin') ?? first;
  if (user === undefined) throw new Error('The site has no users.');
  return user;
}
