import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import { functionLimits, triggerLimits, webTriggerLimits } from './limits';

export type AttributeType = 'string' | 'integer' | 'float' | 'boolean' | 'any';

export interface EntityIndex {
  name: string;
  partition: string[];
  /** The one attribute that results are sorted by; null: by key. */
  range: string | null;
}

export interface EntityDeclaration {
  name: string;
  attributes: Map<string, AttributeType>;
  indexes: Map<string, EntityIndex>;
}

export interface FunctionDeclaration {
  key: string;
  /** The name that the app's entry exports it by. */
  exportName: string;
  timeoutSeconds: number;
}

export interface StaticOutput {
  statusCode: number;
  contentType: string | null;
  body: string;
}

/** manifest.yml as far as the platform acts on it at run time. */
export interface Manifest {
  appAri: string;
  appId: string;
  memoryMB: number;
  scopes: ReadonlySet<string>;
  backendHosts: string[];
  /** Administrators may let the app reach further hosts. */
  configurableEgress: boolean;
  entities: Map<string, EntityDeclaration>;
  functions: Map<string, FunctionDeclaration>;
  /** Modules with a resolver, by key. */
  pages: Map<string, { type: string; functionKey: string }>;
  /** Functions of consumers, by queue. */
  consumers: Map<string, { key: string; functionKey: string }>;
  triggers: Map<string, { functionKey: string; intervalMs: number }>;
  /** Functions that run before the app is uninstalled, by module key. */
  preUninstall: Map<string, string>;
  webTriggers: Map<string, { functionKey: string; outputs: Map<string, StaticOutput> | null }>;
  remotes: Map<string, { baseUrl: string; compute: boolean }>;
}

const intervals: Record<string, number> = {
  fiveMinute: 5 * 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
};

const entityShape = z.object({
  name: z.string(),
  attributes: z.record(z.string(), z.object({ type: z.enum(['string', 'integer', 'float', 'boolean', 'any']) })),
  indexes: z
    .array(
      z.union([
        z.string(),
        z.object({
          name: z.string(),
          range: z.array(z.string()).length(1),
          partition: z.array(z.string()).default([]),
        }),
      ]),
    )
    .max(7)
    .default([]),
});

const moduleShape = z.looseObject({
  key: z.string(),
  function: z.string().optional(),
  resolver: z.object({ function: z.string() }).optional(),
});

const webTriggerShape = z.object({
  key: z.string(),
  function: z.string(),
  response: z
    .object({
      type: z.enum(['static', 'dynamic']),
      outputs: z
        .array(
          z.object({
            key: z.string(),
            statusCode: z.number().int(),
            contentType: z.string().optional(),
            body: z.string().max(webTriggerLimits.bodyChars).optional(),
          }),
        )
        .max(webTriggerLimits.outputs)
        .optional(),
    })
    .optional(),
});

const address = z.union([z.string(), z.looseObject({ address: z.string() }), z.looseObject({ remote: z.string() })]);

const manifestShape = z.looseObject({
  app: z.looseObject({
    id: z.string().regex(/^ari:cloud:ecosystem::app\/.+/),
    runtime: z.looseObject({ memoryMB: z.number().optional() }).optional(),
    storage: z.looseObject({ entities: z.array(entityShape).max(20).default([]) }).optional(),
  }),
  modules: z.record(z.string(), z.array(z.unknown())),
  permissions: z
    .looseObject({
      scopes: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).default([]),
      external: z
        .looseObject({
          fetch: z.looseObject({ backend: z.array(address).default([]) }).optional(),
          configurable: z.looseObject({ enabled: z.boolean() }).optional(),
        })
        .optional(),
    })
    .optional(),
  remotes: z
    .array(z.looseObject({ key: z.string(), baseUrl: z.string(), operations: z.array(z.string()).default([]) }))
    .default([]),
});

/** Reads manifest.yml. @throws Error when it contradicts itself in a way that Forge would not deploy. */
export function readManifest(path: string): Manifest {
  const raw = manifestShape.parse(parse(readFileSync(path, 'utf8')));
  const modules = (type: string) => z.array(moduleShape).parse(raw.modules[type] ?? []);

  const pages: Manifest['pages'] = new Map();
  for (const type of Object.keys(raw.modules)) {
    for (const { key, resolver } of modules(type))
      if (resolver) pages.set(key, { type, functionKey: resolver.function });
  }
  const webTriggers: Manifest['webTriggers'] = new Map();
  for (const { key, function: functionKey, response } of z.array(webTriggerShape).parse(raw.modules.webtrigger ?? [])) {
    const outputs = new Map<string, StaticOutput>();
    for (const output of response?.outputs ?? []) {
      outputs.set(output.key, {
        statusCode: output.statusCode,
        contentType: output.contentType ?? null,
        body: output.body ?? '',
      });
    }
    webTriggers.set(key, { functionKey, outputs: response?.type === 'static' ? outputs : null });
  }
  const consumers: Manifest['consumers'] = new Map();
  for (const consumer of z
    .array(z.object({ key: z.string(), queue: z.string(), function: z.string() }))
    .parse(raw.modules.consumer ?? [])) {
    consumers.set(consumer.queue, { key: consumer.key, functionKey: consumer.function });
  }
  const triggers: Manifest['triggers'] = new Map();
  for (const trigger of z
    .array(z.object({ key: z.string(), function: z.string(), interval: z.string() }))
    .parse(raw.modules.scheduledTrigger ?? [])) {
    const intervalMs = intervals[trigger.interval];
    if (intervalMs === undefined)
      throw new Error(`Scheduled trigger ${trigger.key} has no interval of Forge's: ${trigger.interval}.`);
    triggers.set(trigger.key, { functionKey: trigger.function, intervalMs });
  }
  checkTriggers([...triggers.values()]);

  const preUninstall: Manifest['preUninstall'] = new Map(
    z
      .array(z.object({ key: z.string(), function: z.string() }))
      .parse(raw.modules.preUninstall ?? [])
      .map(({ key, function: functionKey }) => [key, functionKey]),
  );

  const shortFunctions = new Map<string, number>();
  for (const { functionKey } of webTriggers.values()) shortFunctions.set(functionKey, functionLimits.defaultSeconds);
  for (const functionKey of preUninstall.values()) shortFunctions.set(functionKey, functionLimits.defaultSeconds);
  for (const { functionKey } of pages.values()) shortFunctions.set(functionKey, functionLimits.resolverSeconds);
  const scopes = raw.permissions?.scopes ?? [];

  return {
    appAri: raw.app.id,
    appId: raw.app.id.slice(raw.app.id.lastIndexOf('/') + 1),
    memoryMB: raw.app.runtime?.memoryMB ?? 512,
    scopes: new Set(Array.isArray(scopes) ? scopes : Object.keys(scopes)),
    backendHosts: readHosts(raw.permissions?.external?.fetch?.backend ?? [], raw.remotes),
    configurableEgress: raw.permissions?.external?.configurable?.enabled ?? false,
    entities: new Map((raw.app.storage?.entities ?? []).map((entity) => [entity.name, readEntity(entity)])),
    functions: readFunctions(raw.modules.function ?? [], shortFunctions),
    pages,
    consumers,
    triggers,
    preUninstall,
    webTriggers,
    remotes: new Map(
      raw.remotes.map(({ key, baseUrl, operations }) => [key, { baseUrl, compute: operations.includes('compute') }]),
    ),
  };
}

/** FORGE.md §3: five scheduled triggers in an app, of which one of five minutes. The validator does not say so. */
function checkTriggers(triggers: readonly { intervalMs: number }[]): void {
  if (triggers.length > triggerLimits.triggers)
    throw new Error(`An app may have at most ${triggerLimits.triggers} scheduled triggers.`);
  if (triggers.filter(({ intervalMs }) => intervalMs === intervals.fiveMinute).length > triggerLimits.fiveMinute)
    throw new Error(
      `An app may have at most ${triggerLimits.fiveMinute} scheduled trigger with the interval fiveMinute.`,
    );
}

function readHosts(
  addresses: readonly z.infer<typeof address>[],
  remotes: readonly { key: string; baseUrl: string }[],
) {
  return addresses.map((entry) => {
    if (typeof entry === 'string') return entry;
    if ('address' in entry && typeof entry.address === 'string') return entry.address;
    const remote = remotes.find(({ key }) => key === entry.remote);
    if (!remote)
      throw new Error(`permissions.external.fetch.backend names an unknown remote: ${String(entry.remote)}.`);
    return remote.baseUrl;
  });
}

function readEntity(entity: z.infer<typeof entityShape>): EntityDeclaration {
  const attributes = new Map(Object.entries(entity.attributes).map(([name, { type }]) => [name, type]));
  const indexes = new Map<string, EntityIndex>([['by-key', { name: 'by-key', partition: [], range: null }]]);
  for (const index of entity.indexes) {
    const { name, partition, range } =
      typeof index === 'string'
        ? { name: index, partition: [], range: index }
        : { name: index.name, partition: index.partition, range: index.range[0] ?? null };
    for (const attribute of [...partition, ...(range === null ? [] : [range])]) {
      const type = attributes.get(attribute);
      if (type === undefined || type === 'any') {
        throw new Error(
          `Index ${name} of entity ${entity.name} uses ${attribute}, which is not a typed attribute of it.`,
        );
      }
    }
    indexes.set(name, { name, partition, range });
  }
  return { name: entity.name, attributes, indexes };
}

function readFunctions(raw: readonly unknown[], shortFunctions: ReadonlyMap<string, number>) {
  const shape = z.array(
    z.object({ key: z.string(), handler: z.string(), timeoutSeconds: z.number().int().positive().optional() }),
  );
  const functions: Manifest['functions'] = new Map();
  for (const { key, handler, timeoutSeconds } of shape.parse(raw)) {
    const short = shortFunctions.get(key);
    if (timeoutSeconds !== undefined && short !== undefined) {
      throw new Error(`Function ${key} may not set timeoutSeconds: a resolver, web trigger or preUninstall uses it.`);
    }
    if (timeoutSeconds !== undefined && timeoutSeconds > functionLimits.longestSeconds) {
      throw new Error(`Function ${key} may run ${functionLimits.longestSeconds} seconds at most.`);
    }
    functions.set(key, {
      key,
      exportName: handler.slice(handler.lastIndexOf('.') + 1),
      timeoutSeconds: short ?? timeoutSeconds ?? functionLimits.defaultSeconds,
    });
  }
  return functions;
}
