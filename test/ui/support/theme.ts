import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The style sheets that a product gives to a page that enables theming. */
export function themeCss(): string {
  const sheets = ['light', 'dark', 'spacing', 'typography', 'shape', 'motion'].map((name) => {
    const { default: css }: { default: string } = require(
      `@atlaskit/tokens/dist/cjs/artifacts/themes/atlassian-${name}.js`,
    );
    return css;
  });
  return sheets.join('\n');
}
