import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { ProductResponse } from './forge';
import type { Functions } from './functions';
import { jsonResponse } from './gate';
import type { Identity } from './installation';
import { InvocationEnded } from './invocation';
import type { Manifest } from './manifest';

export interface WebTriggerRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  query: Record<string, string[]>;
  body: string;
}

export interface WebTriggers {
  /** Answers a call from outside. `key` is the module's key or the id at the end of its URL. */
  handle(key: string, request: WebTriggerRequest): Promise<ProductResponse>;
  /** Answers a GraphQL request of `webTrigger` in `@forge/api`. */
  graphql(body: string): Response;
}

const answerShape = z.object({
  statusCode: z.number().int().min(100).max(599),
  body: z.string().optional(),
  headers: z.record(z.string(), z.array(z.string())).optional(),
});
const staticShape = z.object({ outputKey: z.string() });
const graphqlShape = z.object({
  query: z.string(),
  variables: z.object({ input: z.object({ triggerKey: z.string() }).optional(), id: z.string().optional() }),
});

export function createWebTriggers(settings: {
  manifest: Manifest;
  identity: Identity;
  functions: Functions;
  /** What URLs begin with. */
  baseUrl: () => string;
  log: (line: string) => void;
}): WebTriggers {
  const { manifest, identity, functions, baseUrl, log } = settings;
  const idOf = (key: string) =>
    createHash('sha256').update(`${identity.installationId}/${key}`).digest('base64url').slice(0, 25);
  const urlOf = (key: string) => `${baseUrl()}/public/${idOf(key)}`;

  const respond = (key: string, value: unknown): ProductResponse => {
    const outputs = manifest.webTriggers.get(key)?.outputs;
    if (outputs) {
      const chosen = staticShape.safeParse(value);
      const output = chosen.success ? outputs.get(chosen.data.outputKey) : undefined;
      if (!output) return failure(`Web trigger ${key} returned none of its static outputs.`);
      const headers: Record<string, string> = output.contentType === null ? {} : { 'content-type': output.contentType };
      return { status: output.statusCode, headers, body: output.body };
    }
    const answer = answerShape.safeParse(value);
    if (!answer.success)
      return failure(`Web trigger ${key} returned what is no response: ${answer.error.issues[0]?.message ?? ''}`);
    const headers = Object.entries(answer.data.headers ?? {}).map(([name, values]) => [
      name.toLowerCase(),
      values.join(', '),
    ]);
    return { status: answer.data.statusCode, headers: Object.fromEntries(headers), body: answer.data.body ?? '' };
  };
  const failure = (line: string): ProductResponse => {
    log(line);
    return { status: 500, headers: {}, body: '' };
  };

  return {
    handle: async (keyOrId, request) => {
      const key = [...manifest.webTriggers.keys()].find(
        (candidate) => candidate === keyOrId || idOf(candidate) === keyOrId,
      );
      const trigger = key === undefined ? undefined : manifest.webTriggers.get(key);
      if (key === undefined || !trigger) return { status: 404, headers: {}, body: '' };
      const root = `/public/${idOf(key)}`;
      const userPath = (request.path.startsWith(root) ? request.path.slice(root.length) : request.path).replace(
        /^\/$/,
        '',
      );
      const event = {
        method: request.method,
        headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, [value]])),
        body: request.body,
        path: `${root}${userPath}`,
        userPath,
        queryParameters: request.query,
        context: { cloudId: identity.cloudId, moduleKey: key },
      };
      try {
        const value = await functions.call({
          functionKey: trigger.functionKey,
          moduleKey: key,
          accountId: null,
          lineage: null,
          args: [event, identity.installContext],
        });
        return respond(key, value);
      } catch (error) {
        return { status: error instanceof InvocationEnded ? 504 : 500, headers: {}, body: '' };
      }
    },
    graphql: (body) => {
      const { query, variables } = graphqlShape.parse(JSON.parse(body));
      if (query.includes('createWebTriggerUrl')) {
        const key = variables.input?.triggerKey ?? '';
        if (!manifest.webTriggers.has(key))
          return jsonResponse(200, { errors: [{ message: `No web trigger ${key}.` }] });
        return jsonResponse(200, { data: { createWebTriggerUrl: { url: urlOf(key) } } });
      }
      if (query.includes('webTriggerUrlsByAppContext')) {
        const urls = [...manifest.webTriggers.keys()].map((triggerKey) => ({ triggerKey, url: urlOf(triggerKey) }));
        return jsonResponse(200, { data: { webTriggerUrlsByAppContext: urls } });
      }
      return jsonResponse(400, { errors: [{ message: 'The emulator does not know this GraphQL operation.' }] });
    },
  };
}
