import { createRequire } from 'node:module';

// The package names its CommonJS build as the one for Node, and types of its ES build: a plain import gets the wrong shape.
const { default: getThemeStyles }: typeof import('@atlaskit/tokens/get-theme-styles') = createRequire(import.meta.url)(
  '@atlaskit/tokens/get-theme-styles',
);

/** The style sheets that a product gives to a page that enables theming. */
export async function themeCss(colorMode: 'light' | 'dark'): Promise<string> {
  const styles = await getThemeStyles({
    colorMode,
    light: 'light',
    dark: 'dark',
    spacing: 'spacing',
    typography: 'typography',
  });
  return styles.map(({ css }) => css).join('\n');
}
