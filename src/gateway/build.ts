import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** CommonJS packages call `require` for modules of Node, which an ES module does not have. */
const banner = "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);";

/**
 * Bundles the gateway and every package that it needs into one file, which runs on Node alone, and writes the licences of the packages beside it.
 * @param folder gets `gateway.mjs` and `gateway-licenses.txt`
 * @returns the bundled modules, as paths relative to the root of the project
 */
export async function bundleGateway(folder: string): Promise<string[]> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/gateway/main.ts'],
    outfile: join(folder, 'gateway.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.18',
    // Node keeps a source of ASCII only at a byte a character, and each thread has its own copy.
    charset: 'ascii',
    banner: { js: banner },
    metafile: true,
    logLevel: 'warning',
  });
  const modules = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
  const packages = [...new Set(modules.flatMap((path) => packageOf(path) ?? []))].sort();
  const licenses = packages.map((path) => licenseOf(join(root, path)));
  writeFileSync(join(folder, 'gateway-licenses.txt'), licenses.join(`\n${'-'.repeat(80)}\n\n`));
  return modules;
}

/** The folder of the package that a module belongs to; null for a module of ours. */
export const packageOf = (path: string): string | null =>
  /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? null;

function licenseOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return [`${name} ${version}: ${license}`, ...texts, ''].join('\n\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundleGateway('dist');
