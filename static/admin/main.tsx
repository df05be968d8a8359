import '@atlaskit/css-reset';
import { view } from '@forge/bridge';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ReaderProvider } from '../shared/reader';
import { RouterProvider } from '../shared/router';
import { App } from './app';

async function start(): Promise<void> {
  const root = document.getElementById('root');
  if (root === null) throw new Error('The page has no element to render into.');
  // The theme first: a page that turns dark a moment later hurts the eyes.
  // A product without theming shows the page in its light colours; that is no reason to show nothing.
  await view.theme.enable().catch(() => undefined);
  const history = await view.createHistory();
  createRoot(root).render(
    <StrictMode>
      <ReaderProvider>
        <RouterProvider history={history}>
          <App />
        </RouterProvider>
      </ReaderProvider>
    </StrictMode>,
  );
}

void start();
