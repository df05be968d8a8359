import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// biome-ignore lint/style/noDefaultExport: Vite reads its configuration from the default export.
export default defineConfig({
  root: here('./admin'),
  // Forge serves a page under a nested path that nobody knows beforehand.
  base: './',
  plugins: [react()],
  resolve: { alias: { '@atlaskit/feature-gate-js-client/feature-gates': here('./feature-gates.ts') } },
  // Atlaskit asks for variables of Atlassian's own build; without this the page dies of "process is not defined".
  define: { 'process.env': '{}', 'process.env.NODE_ENV': '"production"' },
  // Atlaskit's icons are CommonJS; taken Node's way, their default export would be the whole module.
  legacy: { inconsistentCjsInterop: true },
  build: {
    outDir: here('./dist/admin'),
    emptyOutDir: true,
    target: 'es2022',
    // Data URLs would need a wider content security policy.
    assetsInlineLimit: 0,
  },
});
