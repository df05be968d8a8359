import { randomUUID } from 'node:crypto';
import type { Manifest } from './manifest';

/** The one installation that an emulated Forge is. Ids are bare UUIDs; a reinstallation writes another `installationId` into it. */
export interface Installation {
  installationId: string;
  cloudId: string;
  environmentId: string;
}

export function newInstallation(): Installation {
  return { installationId: randomUUID(), cloudId: randomUUID(), environmentId: randomUUID() };
}

/** What the platform says of a paid app's license, in production. */
export interface License {
  active: boolean;
}

const appVersion = '1.0.0';
const environmentType = 'DEVELOPMENT';

/** ARIs and the context objects that are made of them. */
export interface Identity extends Installation {
  contextAri: string;
  /** Second argument of handlers. */
  installContext: { installContext: string; installation: unknown; license: License | undefined };
  /** What resolvers get, but for module and user. */
  pageContext: Record<string, unknown>;
  /** Undefined for a free app, in development and in staging. */
  license: License | undefined;
  appContext(moduleKey: string, invocationId: string): Record<string, unknown>;
  /** Claims of an invocation token for a call from a function. */
  tokenClaims(moduleKey: string): Record<string, unknown>;
}

/** @param scopes that were consented to */
export function createIdentity(
  manifest: Manifest,
  installation: Installation,
  products: readonly string[],
  scopes: () => string[],
): Identity {
  const { cloudId, environmentId } = installation;
  const contextAri = `ari:cloud:jira::site/${cloudId}`;
  const installationAri = () => `ari:cloud:ecosystem::installation/${installation.installationId}`;
  const contexts = products.map((product) => ({ cloudId, toString: () => `ari:cloud:${product}::site/${cloudId}` }));
  const summary = () => {
    const ari = installationAri();
    return { ari: { installationId: installation.installationId, toString: () => ari }, contexts };
  };

  const identity: Identity = {
    cloudId,
    environmentId,
    contextAri,
    license: undefined,
    get installationId() {
      return installation.installationId;
    },
    get installContext() {
      return { installContext: contextAri, installation: summary(), license: identity.license };
    },
    get pageContext() {
      const siteUrl = 'https://letterbox.atlassian.net';
      return { cloudId, environmentId, environmentType, appVersion, siteUrl, license: identity.license };
    },
    appContext: (moduleKey, invocationId) => ({
      appId: manifest.appId,
      appVersion,
      environmentId,
      environmentType,
      invocationId,
      installationId: installation.installationId,
      moduleKey,
      license: identity.license,
      installation: summary(),
      permissions: {
        scopes: scopes(),
        external: { fetch: { backend: manifest.backendHosts } },
      },
    }),
    tokenClaims: (moduleKey) => ({
      app: {
        id: manifest.appAri,
        version: '1',
        appVersion,
        installationId: installationAri(),
        apiBaseUrl: `https://api.atlassian.com/ex/jira/${cloudId}`,
        installation: {
          id: installationAri(),
          contexts: products.map((name) => ({
            name,
            apiBaseUrl: `https://api.atlassian.com/ex/${name}/${cloudId}`,
            cloudId,
          })),
        },
        environment: {
          type: environmentType,
          id: `ari:cloud:ecosystem::environment/${manifest.appId}/${environmentId}`,
        },
        module: { type: 'core:endpoint', key: moduleKey },
      },
    }),
  };
  return identity;
}
