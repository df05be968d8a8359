import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { transform } from 'esbuild';

/** What one package, or one of our folders, takes of the bundle. */
export interface BundlePart {
  name: string;
  bytes: number;
  modules: number;
}

export interface Measured {
  /** As Forge deploys it: its bundler does not minify. */
  code: string;
  minified: string;
  /** Bytes of the minified bundle by package, largest first. */
  parts: BundlePart[];
}

/** Minifies a bundle and asks the source map of each byte where it came from: after minifying, since some packages are half comments. */
export async function measureBundle(file: string): Promise<Measured> {
  const code = readFileSync(file, 'utf8');
  const map = readFileSync(`${file}.map`).toString('base64');
  const withMap = code.replace(
    /\/\/# sourceMappingURL=.*\s*$/,
    `//# sourceMappingURL=data:application/json;base64,${map}`,
  );
  const answer = await transform(withMap, { minify: true, target: 'node22', sourcemap: 'external' });
  const origins = new SourceMap(JSON.parse(answer.map));

  const bytesOf = new Map<string, number>();
  for (const [line, text] of answer.code.split('\n').entries()) {
    for (let column = 0; column < text.length; column++) {
      const origin = origins.findEntry(line, column);
      const source = 'originalSource' in origin ? origin.originalSource : '';
      bytesOf.set(source, (bytesOf.get(source) ?? 0) + 1);
    }
  }

  const parts = new Map<string, BundlePart>();
  for (const [source, bytes] of bytesOf) {
    const name = partOf(source);
    const part = parts.get(name) ?? { name, bytes: 0, modules: 0 };
    parts.set(name, { name, bytes: part.bytes + bytes, modules: part.modules + 1 });
  }
  return { code, minified: answer.code, parts: [...parts.values()].sort((a, b) => b.bytes - a.bytes) };
}

/** The innermost package: a copy inside another package is the same package once more, and its modules count twice. */
function partOf(source: string): string {
  const [, inPackage] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source) ?? [];
  const [, ownFolder] = /\/(src\/[^/]+)\//.exec(source) ?? [];
  return inPackage ?? ownFolder ?? (source.includes('/src/') ? 'src' : 'what webpack adds');
}
