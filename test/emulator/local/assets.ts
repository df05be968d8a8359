import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Scripts and style sheets of the local host's own pages. The scripts are TypeScript here and JavaScript in the browser. */
export interface Asset {
  type: string;
  body: string;
}

const require = createRequire(import.meta.url);
const scripts = ['addresses', 'bridge', 'consent', 'flags', 'question', 'shell', 'start'];
const styles = ['document', 'page', 'shell'];
const themes = ['light', 'dark', 'spacing', 'typography', 'shape', 'motion'];
const made = new Map<string, Asset>();

/** @returns undefined when there is no such asset */
export async function asset(name: string): Promise<Asset | undefined> {
  const known = made.get(name) ?? (await make(name));
  if (known !== undefined) made.set(name, known);
  return known;
}

async function make(name: string): Promise<Asset | undefined> {
  const [base = '', ending] = name.split('.');
  const source = (file: string) => readFileSync(new URL(`browser/${file}`, import.meta.url), 'utf8');
  // Scripts import each other without an ending.
  if ((ending === 'js' || ending === undefined) && scripts.includes(base)) {
    // Loaded at the first page only: it takes a third of a second.
    const { default: typescript } = await import('typescript');
    const compilerOptions = {
      target: typescript.ScriptTarget.ES2022,
      module: typescript.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    };
    return {
      type: 'text/javascript',
      body: typescript.transpileModule(source(`${base}.ts`), { compilerOptions }).outputText,
    };
  }
  if (ending !== 'css') return undefined;
  if (base === 'tokens') return { type: 'text/css', body: themes.map(themeCss).join('\n') };
  return styles.includes(base) ? { type: 'text/css', body: source(name) } : undefined;
}

/** Atlassian's design tokens, as the product hands them to a page that asks for its theme. */
function themeCss(theme: string): string {
  // The module is Atlassian's own; its default export is the style sheet.
  return (require(`@atlaskit/tokens/dist/cjs/artifacts/themes/atlassian-${theme}.js`) as { default: string }).default;
}

export const avatar = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#0c66e4"/><path d="M7 10h18v12H7z" fill="#fff"/><path d="m7 10 9 7 9-7" fill="none" stroke="#0c66e4" stroke-width="2"/></svg>`;
