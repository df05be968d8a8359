import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { transform } from 'esbuild';

/** What one package, or one of our folders, takes of the bundle. */
export interface BundlePart {
  name: string;
  bytes: number;
  bytesAtStart: number;
  modules: number;
}

export interface MeasuredFile {
  /** As Forge deploys it: its bundler does not minify. */
  code: string;
  minified: string;
  /** Bytes of minified code by the source that they came from. */
  bytesOf: ReadonlyMap<string, number>;
}

/**
 * Minifies a file of the bundle and asks the source map of each byte where it came from: after minifying, since some packages are
 * half comments.
 */
export async function measureFile(file: string): Promise<MeasuredFile> {
  const code = readFileSync(file, 'utf8');
  const map = readFileSync(`${file}.map`).toString('base64');
  const withMap = code.replace(
    /\/\/# sourceMappingURL=.*\s*$/,
    `//# sourceMappingURL=data:application/json;base64,${map}`,
  );
  const { code: minified, map: mapped } = await transform(withMap, {
    minify: true,
    target: 'node22',
    sourcemap: 'external',
  });
  const origins = new SourceMap(JSON.parse(mapped));
  const bytesOf = new Map<string, number>();
  for (const [line, text] of minified.split('\n').entries()) {
    for (let column = 0; column < text.length; column++) {
      const origin = origins.findEntry(line, column);
      const source = 'originalSource' in origin ? origin.originalSource : '';
      bytesOf.set(source, (bytesOf.get(source) ?? 0) + 1);
    }
  }
  return { code, minified, bytesOf };
}

/** Packages and folders, largest first. `start` is what every cold start loads, the others are loaded when they are needed. */
export function partsOf(start: MeasuredFile, later: readonly MeasuredFile[]): BundlePart[] {
  const parts = new Map<string, BundlePart>();
  for (const file of [start, ...later]) {
    for (const [source, bytes] of file.bytesOf) {
      const name = partOf(source);
      const part = parts.get(name) ?? { name, bytes: 0, bytesAtStart: 0, modules: 0 };
      part.bytes += bytes;
      part.bytesAtStart += file === start ? bytes : 0;
      part.modules += 1;
      parts.set(name, part);
    }
  }
  return [...parts.values()].sort((a, b) => b.bytes - a.bytes);
}

/** The innermost package: a copy inside another package is the same package once more, and its modules count twice. */
function partOf(source: string): string {
  const [, inPackage] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source) ?? [];
  const [, ownFolder] = /\/(src\/[^/]+)\//.exec(source) ?? [];
  return inPackage ?? ownFolder ?? (source.includes('/src/') ? 'src' : 'what webpack adds');
}
