import type { FromFrame, Place, Theme, ToFrame } from './frame-messages';

/**
 * The bridge that `@forge/bridge` finds in its frame. What holds a function (histories, events, the actions of flags) lives here;
 * everything else goes to the product's page around the frame.
 */

type Payload = Record<string, unknown> | undefined;
type Listener = (payload: unknown) => void;
type PlaceListener = (place: Place, action: string) => void;

/** Bytes of one `invoke` request (Forge's limit). */
const invokeLimit = 500 * 1024;

const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
const listeners = new Map<string, Set<Listener>>();
const placeListeners = new Set<PlaceListener>();
const flagActions = new Map<string, (() => void)[]>();
const modalClosers = new Map<number, Listener>();
let lastCall = 0;

const post = (message: FromFrame) => window.parent.postMessage(message, window.location.origin);

function ask(operation: string, payload?: unknown): Promise<unknown> {
  lastCall += 1;
  const id = lastCall;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    post({ letterbox: 'call', id, operation, payload });
  });
}

window.addEventListener('message', ({ source, origin, data }: MessageEvent<ToFrame>) => {
  if (source !== window.parent || origin !== window.location.origin) return;
  switch (data.letterbox) {
    case 'answer': {
      const call = waiting.get(data.id);
      waiting.delete(data.id);
      if (data.ok) call?.resolve(data.value);
      else call?.reject(new Error(data.message));
      return;
    }
    case 'place':
      return moved(data.place, data.action);
    case 'theme':
      return applyTheme(data.theme);
    case 'event':
      for (const listener of listeners.get(data.event) ?? []) listener(data.payload);
      return;
    case 'flag-action':
      return flagActions.get(data.flag)?.[data.index]?.();
    case 'modal-closed':
      modalClosers.get(data.id)?.(data.payload);
      modalClosers.delete(data.id);
  }
});

const history = {
  action: 'POP',
  location: { pathname: '/', search: '', hash: '', state: undefined } as Place,
  push: (to: string | Partial<Place>, state?: unknown) => go('push', to, state),
  replace: (to: string | Partial<Place>, state?: unknown) => go('replace', to, state),
  go: (delta: number) => post({ letterbox: 'go-back', delta }),
  goBack: () => history.go(-1),
  goForward: () => history.go(1),
  listen: (listener: PlaceListener) => {
    placeListeners.add(listener);
    return () => placeListeners.delete(listener);
  },
};

function go(how: 'push' | 'replace', to: string | Partial<Place>, state: unknown): void {
  const url = new URL(
    typeof to === 'string' ? to : (to.pathname ?? history.location.pathname),
    `http://page${history.location.pathname}`,
  );
  const {
    search = '',
    hash = '',
    state: own,
  } = typeof to === 'string' ? { search: url.search, hash: url.hash, state } : to;
  const place = { pathname: url.pathname, search, hash, state: own };
  post({ letterbox: 'go', how, place });
  moved(place, how.toUpperCase());
}

function moved(place: Place, action: string): void {
  history.location = place;
  history.action = action;
  for (const listener of placeListeners) listener(place, action);
}

function applyTheme({ colorMode }: Theme): void {
  const root = document.documentElement;
  root.dataset.colorMode = colorMode;
  root.dataset.theme = 'dark:dark light:light motion:motion shape:shape spacing:spacing typography:typography';
}

async function enableTheming(): Promise<void> {
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: '/_local/assets/tokens.css' });
  const loaded = new Promise((resolve) => {
    link.onload = resolve;
    link.onerror = resolve;
  });
  document.head.append(link);
  // What is asked for by the side of the frame, not by the app, is a Theme.
  applyTheme((await ask('theme')) as Theme);
  await loaded;
}

const operations: Record<string, (payload: Payload) => unknown> = {
  createHistory: async () => {
    // Answered by the product's page, in its own words.
    history.location = (await ask('place')) as Place;
    return history;
  },
  enableTheming,
  on: (payload) => {
    const { event, callback } = payload as { event: string; callback: Listener };
    const known = listeners.get(event) ?? new Set();
    listeners.set(event, known.add(callback));
    return { unsubscribe: () => known.delete(callback) };
  },
  showFlag: (payload) => {
    const { actions = [], ...flag } = payload as { id: string; actions?: { text: string; onClick?: () => void }[] };
    flagActions.set(
      flag.id,
      actions.map(({ onClick }) => onClick ?? (() => {})),
    );
    return ask('showFlag', { ...flag, actions: actions.map(({ text }) => text) });
  },
  openModal: async (payload) => {
    const { onClose, ...options } = payload as { onClose?: Listener };
    const id = await ask('openModal', options);
    if (onClose !== undefined) modalClosers.set(Number(id), onClose);
    return true;
  },
  invoke: (payload) => {
    if (new TextEncoder().encode(JSON.stringify(payload)).length > invokeLimit) {
      throw new Error('The payload of an invoke is larger than 500 KB.');
    }
    return ask('invoke', payload);
  },
};
operations.onPublic = operations.on as (payload: Payload) => unknown;

Object.defineProperty(globalThis, '__bridge', {
  value: {
    callBridge: async (operation: string, payload?: Payload) => {
      const own = operations[operation];
      return own === undefined ? ask(operation, payload) : own(payload);
    },
  },
});
