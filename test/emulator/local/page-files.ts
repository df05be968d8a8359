import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { extname, join, resolve, sep } from 'node:path';
import type { AppManifest } from './app-manifest';

/** The built pages of the app: what Forge would have been given at deployment. */
export interface Pages {
  /** True when every resource of the manifest has its index.html. */
  built(): boolean;
  /** A file of a resource; undefined when there is none. The empty path is index.html, with the bridge put in. */
  file(resource: string, path: string): Promise<{ type: string; body: Buffer | string } | undefined>;
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** Before the app's own script: `@forge/bridge` looks for the bridge while it is loaded. */
const bridge = '<script type="module" src="/_local/assets/bridge.js"></script>';

export function pageFiles(root: string, { resources }: AppManifest): Pages {
  return {
    built: () => [...resources.values()].every((path) => existsSync(join(root, path, 'index.html'))),
    file: async (resource, path) => {
      const folder = resources.get(resource);
      if (folder === undefined) return undefined;
      const name = path === '' ? 'index.html' : path;
      const file = resolve(root, folder, name);
      if (!existsSync(file) || !statSync(file).isFile()) return undefined;
      // A path or a link that leads out of the resource's folder is no file of it.
      if (!realpathSync(file).startsWith(realpathSync(resolve(root, folder)) + sep)) return undefined;
      const type = types[extname(file)] ?? 'application/octet-stream';
      if (name !== 'index.html') return { type, body: readFileSync(file) };
      return { type, body: readFileSync(file, 'utf8').replace(/<head[^>]*>/i, (head) => head + bridge) };
    },
  };
}

/** Builds the pages when they are missing or older than what they are made of. @throws Error with the builder's output */
export async function buildPages(root: string, pages: Pages, say: (line: string) => void): Promise<void> {
  const sources = newest(join(root, 'static'), (path) => path !== join(root, 'static', 'dist'));
  const schemas = newest(join(root, 'src', 'domain'), () => true);
  const contract = statSync(join(root, 'src', 'resolvers', 'contract.ts'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const dist = join(root, 'static', 'dist');
  if (pages.built() && newest(dist, () => true) >= Math.max(sources, schemas, contract)) return;
  if (sources === 0) return;
  say('Building the pages…');
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = [vite, 'build', '--config', join(root, 'static', 'vite.config.ts'), '--logLevel', 'warn'];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const code = await new Promise<number | null>((done) => child.on('close', done));
  if (code !== 0) throw new Error(`The pages could not be built:\n${output}`);
}

/** When the newest file below was changed, in epoch milliseconds; 0 when there is none. */
function newest(folder: string, enter: (path: string) => boolean): number {
  if (!existsSync(folder)) return 0;
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) latest = enter(path) ? Math.max(latest, newest(path, enter)) : latest;
    else latest = Math.max(latest, statSync(path).mtimeMs);
  }
  return latest;
}
