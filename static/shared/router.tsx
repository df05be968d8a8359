import type { view } from '@forge/bridge';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from 'react';
import { ConfirmDialog } from './confirm-dialog';

export type History = Awaited<ReturnType<typeof view.createHistory>>;

interface Router {
  /** Relative to the app's own address, with a leading slash and without a trailing one. */
  path: string;
  /**
   * Goes to another screen; `force` skips the question about unsaved changes. `replace` takes the place of an address that shows
   * nothing, so that Back does not lead there again.
   */
  navigate: (path: string, options?: { force?: boolean; replace?: boolean }) => void;
  setGuarded: (guarded: boolean) => void;
}

const RouterContext = createContext<Router>({ path: '/', navigate: () => {}, setGuarded: () => {} });

const clean = (pathname: string) => `/${pathname.replace(/^\/+|\/+$/g, '')}`;

/** The place of the page: changed by our own links, and by the product's side bar and the browser's buttons. */
export function RouterProvider({ history, children }: { history: History; children: ReactNode }) {
  const [path, setPath] = useState(() => clean(history.location.pathname));
  const [wanted, setWanted] = useState<string | null>(null);
  const current = useRef(path);
  const guarded = useRef(false);

  const show = useCallback((next: string) => {
    current.current = next;
    setPath(next);
    setWanted(null);
  }, []);

  useEffect(
    () =>
      history.listen((location) => {
        const next = clean(location.pathname);
        if (next === current.current) return;
        if (guarded.current) setWanted(next);
        else show(next);
      }),
    [history, show],
  );

  const go = useCallback(
    (next: string, isReplaced = false) => {
      guarded.current = false;
      show(next);
      if (clean(history.location.pathname) === next) return;
      if (isReplaced) history.replace(next);
      else history.push(next);
    },
    [history, show],
  );

  const stay = () => {
    setWanted(null);
    // The side bar has changed the address already.
    if (clean(history.location.pathname) !== current.current) history.push(current.current);
  };

  const navigate = useCallback<Router['navigate']>(
    (to, options) => {
      if (guarded.current && options?.force !== true) setWanted(clean(to));
      else go(clean(to), options?.replace);
    },
    [go],
  );
  const setGuarded = useCallback((value: boolean) => {
    guarded.current = value;
  }, []);

  return (
    <RouterContext.Provider value={{ path, navigate, setGuarded }}>
      {children}
      <ConfirmDialog
        isOpen={wanted !== null}
        title="Leave without saving?"
        confirmLabel="Leave without saving"
        cancelLabel="Keep editing"
        appearance="warning"
        onConfirm={() => wanted !== null && go(wanted)}
        onCancel={stay}
      >
        What you changed on this page is not saved.
      </ConfirmDialog>
    </RouterContext.Provider>
  );
}

export function useRouter(): Pick<Router, 'path' | 'navigate'> {
  return useContext(RouterContext);
}

/** While `active`, leaving the screen or closing the page asks first. */
export function useLeaveGuard(active: boolean): void {
  const { setGuarded } = useContext(RouterContext);
  useEffect(() => {
    setGuarded(active);
    if (!active) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => {
      setGuarded(false);
      window.removeEventListener('beforeunload', ask);
    };
  }, [active, setGuarded]);
}

/** The parts of `path` that stand for `:names` in `pattern`, or null when it does not fit. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const names = pattern.split('/');
  const parts = path.split('/');
  if (names.length !== parts.length) return null;
  const found: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    const part = parts[index] ?? '';
    if (name.startsWith(':')) found[name.slice(1)] = decodeURIComponent(part);
    else if (name !== part) return null;
  }
  return found;
}
