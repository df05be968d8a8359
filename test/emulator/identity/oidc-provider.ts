import stdio from 'node:console';

/** oidc-provider, whose warning of Node 20 is left out: the tests beside this file run all that is used of it there. */
export const { Provider } = await quietly(() => import('oidc-provider'));

async function quietly<T>(load: () => Promise<T>): Promise<T> {
  const { warn } = stdio;
  stdio.warn = () => undefined;
  try {
    return await load();
  } finally {
    stdio.warn = warn;
  }
}
