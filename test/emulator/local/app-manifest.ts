import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';

/** What the products read in manifest.yml to show the app: pages, resources, content permissions, indexed properties. */

const title = z.union([z.string(), z.object({ i18n: z.string() }).transform(({ i18n }) => i18n)]);
const subpage = z.looseObject({ title, route: z.string() });

const adminPageShape = z.looseObject({
  key: z.string(),
  title,
  resource: z.string(),
  useAsConfig: z.boolean().default(false),
  useAsGetStarted: z.boolean().default(false),
  pages: z.array(subpage).default([]),
  sections: z.array(z.looseObject({ header: title.optional(), pages: z.array(subpage) })).default([]),
});
const propertyShape = z.looseObject({
  entityType: z.string().optional(),
  propertyKey: z.string(),
  values: z.array(z.looseObject({ path: z.string(), type: z.string(), searchAlias: z.string().optional() })),
});
const source = z.union([z.string(), z.looseObject({ address: z.string() }).transform(({ address }) => address)]);
const sources = z.array(source).default([]);

const shape = z.looseObject({
  app: z.looseObject({ id: z.string() }),
  modules: z.looseObject({
    'jira:adminPage': z.array(adminPageShape).default([]),
    'jira:entityProperty': z.array(propertyShape).default([]),
    scheduledTrigger: z.array(z.looseObject({ key: z.string() })).default([]),
  }),
  resources: z.array(z.looseObject({ key: z.string(), path: z.string() })).default([]),
  remotes: z.array(z.looseObject({ key: z.string() })).default([]),
  permissions: z
    .looseObject({
      content: z
        .looseObject({ styles: z.array(z.string()).default([]), scripts: z.array(z.string()).default([]) })
        .optional(),
      external: z
        .looseObject({
          fetch: z.looseObject({ client: sources }).optional(),
          fonts: sources,
          styles: sources,
          frames: sources,
          images: sources,
          media: sources,
          scripts: sources,
        })
        .optional(),
    })
    .optional(),
});

export type AdminPage = z.infer<typeof adminPageShape>;

export interface AppManifest {
  appAri: string;
  /** The UUID in it. */
  appId: string;
  /** The page with the app's own entry in the side bar; undefined when the manifest has none. */
  adminPage: AdminPage | undefined;
  entityProperties: z.infer<typeof propertyShape>[];
  triggers: string[];
  remotes: string[];
  /** Paths by key, relative to the manifest. */
  resources: Map<string, string>;
  contentSecurityPolicy: string;
}

export function readAppManifest(file: string): AppManifest {
  const { app, modules, resources, remotes, permissions } = shape.parse(parse(readFileSync(file, 'utf8')));
  const external = permissions?.external;
  const quotedAll = (values: readonly string[] = []) => values.map((value) => `'${value}'`);
  const policy: Record<string, string[]> = {
    'default-src': ["'self'"],
    'script-src': ["'self'", ...quotedAll(permissions?.content?.scripts), ...(external?.scripts ?? [])],
    'style-src': ["'self'", ...quotedAll(permissions?.content?.styles), ...(external?.styles ?? [])],
    'img-src': ["'self'", 'data:', 'blob:', ...(external?.images ?? [])],
    'media-src': ["'self'", 'data:', 'blob:', ...(external?.media ?? [])],
    'font-src': ["'self'", ...(external?.fonts ?? [])],
    'connect-src': ["'self'", ...(external?.fetch?.client ?? [])],
    'frame-src': ["'self'", ...(external?.frames ?? [])],
    'frame-ancestors': ["'self'"],
    'object-src': ["'none'"],
    'form-action': ["'self'"],
    'base-uri': ["'self'"],
  };
  return {
    appAri: app.id,
    appId: app.id.slice(app.id.lastIndexOf('/') + 1),
    adminPage: modules['jira:adminPage'].find((page) => !page.useAsConfig && !page.useAsGetStarted),
    entityProperties: modules['jira:entityProperty'],
    triggers: modules.scheduledTrigger.map(({ key }) => key),
    remotes: remotes.map(({ key }) => key),
    resources: new Map(resources.map(({ key, path }) => [key, path])),
    contentSecurityPolicy: Object.entries(policy)
      .map(([name, values]) => [name, ...values].join(' '))
      .join('; '),
  };
}
