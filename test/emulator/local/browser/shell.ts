import { destination, navigate } from './addresses';
import { customerEgress } from './consent';
import { closeFlag, type FlagOptions, showFlag } from './flags';
import type { FrameConfig, FromFrame, Place, Theme, ToFrame } from './frame-messages';

/** The product's page around an app's frame: answers the bridge, keeps the address, shows flags and dialogs. */

const read = <T>(id: string): T | null => {
  const text = document.getElementById(id)?.textContent;
  // Written by the server for this script.
  return text ? (JSON.parse(text) as T) : null;
};

function setCookie(name: string, value: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the server reads the choice with the next page
  document.cookie = `${name}=${encodeURIComponent(value)}; path=/; samesite=lax; max-age=31536000`;
}

const frames = new Map<
  Window,
  { frame: HTMLIFrameElement; config: FrameConfig; modal: { dialog: HTMLDialogElement; id: number } | null }
>();
const send = (frame: HTMLIFrameElement, message: ToFrame) =>
  frame.contentWindow?.postMessage(message, window.location.origin);
const everyFrame = (message: ToFrame) => {
  for (const { frame } of frames.values()) send(frame, message);
};

const darkSystem = window.matchMedia('(prefers-color-scheme: dark)');
const themeSelect = document.querySelector<HTMLSelectElement>('select[name="theme"]');
const theme = (): Theme => {
  const chosen = themeSelect?.value;
  return { colorMode: chosen === 'dark' || (chosen !== 'light' && darkSystem.matches) ? 'dark' : 'light' };
};
function showTheme(): void {
  document.documentElement.dataset.colorMode = theme().colorMode;
  everyFrame({ letterbox: 'theme', theme: theme() });
}

function place(base: string): Place {
  const { pathname, search, hash } = window.location;
  return { pathname: pathname.slice(base.length) || '/', search, hash, state: window.history.state };
}

function markPage(base: string): void {
  const here = place(base).pathname;
  for (const link of document.querySelectorAll<HTMLAnchorElement>('.side a[data-route]')) {
    const route = `/${link.dataset.route}`;
    if (here === route || here.startsWith(`${route}/`)) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

function addressOf(base: string, { pathname, search, hash }: Place): string {
  return `${base}${pathname === '/' ? '' : pathname}${search}${hash}`;
}

async function invoke(config: FrameConfig, payload: unknown): Promise<unknown> {
  const { module, accountId } = config;
  const response = await fetch('/_local/invoke', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...(payload as object), module, accountId }),
  });
  const result: { ok: boolean; error?: { code?: string; message?: string } } = await response.json();
  // The app's own envelope is its answer; an error without a code is the platform's.
  if (!result.ok && result.error?.code === undefined) throw new Error(result.error?.message ?? 'The call failed.');
  return result;
}

function openFlag(frame: HTMLIFrameElement, options: FlagOptions): boolean {
  showFlag(options, (index) => send(frame, { letterbox: 'flag-action', flag: options.id, index }));
  return true;
}

let lastModal = 0;

function openModal(
  config: FrameConfig,
  opener: HTMLIFrameElement,
  options: { resource?: string | null; context?: unknown; title?: string },
): number {
  lastModal += 1;
  const id = lastModal;
  const dialog = document.createElement('dialog');
  dialog.setAttribute('aria-label', options.title || 'App dialog');
  const frame = document.createElement('iframe');
  frame.src = options.resource
    ? new URL(`../${encodeURIComponent(options.resource)}/`, new URL(config.frameUrl, window.location.href)).href
    : config.frameUrl;
  dialog.append(frame);
  document.body.append(dialog);
  adopt(
    frame,
    {
      ...config,
      context: { ...config.context, extension: { ...(config.context.extension as object), modal: options.context } },
    },
    { dialog, id },
  );
  dialog.onclose = () => {
    const payload = dialog.returnValue === '' ? undefined : JSON.parse(dialog.returnValue);
    if (frame.contentWindow) frames.delete(frame.contentWindow);
    dialog.remove();
    send(opener, { letterbox: 'modal-closed', id, payload });
  };
  dialog.showModal();
  return id;
}

type Frame = NonNullable<ReturnType<typeof frames.get>>;

function answer({ frame, config, modal }: Frame, operation: string, payload: unknown): unknown {
  switch (operation) {
    case 'getContext':
      return {
        ...config.context,
        theme: { ...theme(), dark: 'dark', light: 'light', spacing: 'spacing', typography: 'typography' },
      };
    case 'invoke':
      return invoke(config, payload);
    case 'place':
      return place(config.base);
    case 'theme':
      return theme();
    case 'showFlag':
      return openFlag(frame, payload as FlagOptions);
    case 'closeFlag':
      closeFlag((payload as { id: string }).id);
      return true;
    case 'navigate':
      return navigate(payload as Parameters<typeof navigate>[0], config.hosts);
    case 'getUrl':
      return destination(payload as Parameters<typeof destination>[0], config.hosts);
    case 'reload':
      return window.location.reload();
    case 'refresh':
      frame.contentWindow?.location.reload();
      return true;
    case 'changeWindowTitle':
      document.title = String(payload);
      return true;
    case 'emit':
    case 'emitPublic': {
      const { event, payload: content } = payload as { event: string; payload: unknown };
      everyFrame({ letterbox: 'event', event, payload: content });
      return true;
    }
    case 'openModal':
      return openModal(config, frame, payload as Parameters<typeof openModal>[2]);
    case 'close':
    case 'submit':
      // Only a dialog can be closed; a full page says so by `false`.
      modal?.dialog.close(JSON.stringify(payload));
      return modal !== null;
    case '__permission__egressGet':
      return customerEgress('get', payload, config.accountId);
    case '__permission__egressSet':
      return customerEgress('set', payload, config.accountId);
    case '__permission__egressDeleteDomain':
      return customerEgress('deleteDomain', payload, config.accountId);
    case '__permission__egressDeleteGroup':
      return customerEgress('deleteGroup', payload, config.accountId);
    case 'emitReadyEvent':
      return true;
    default:
      throw new Error(`The local host does not know the bridge operation "${operation}".`);
  }
}

function adopt(frame: HTMLIFrameElement, config: FrameConfig, modal: Frame['modal']): void {
  if (frame.contentWindow) frames.set(frame.contentWindow, { frame, config, modal });
}

window.addEventListener('message', async ({ source, origin, data }: MessageEvent<FromFrame>) => {
  const known = frames.get(source as Window);
  if (known === undefined || origin !== window.location.origin) return;
  const { frame, config } = known;
  if (data.letterbox === 'go') {
    const address = addressOf(config.base, data.place);
    if (data.how === 'push') window.history.pushState(data.place.state, '', address);
    else window.history.replaceState(data.place.state, '', address);
    markPage(config.base);
  } else if (data.letterbox === 'go-back') window.history.go(data.delta);
  else if (data.letterbox === 'call') {
    const { id, operation, payload } = data;
    try {
      send(frame, { letterbox: 'answer', id, ok: true, value: await answer(known, operation, payload) });
    } catch (error) {
      send(frame, {
        letterbox: 'answer',
        id,
        ok: false,
        message: error instanceof Error ? error.message : String(error),
      });
    }
  }
});

for (const select of document.querySelectorAll<HTMLSelectElement>('.top select')) {
  select.addEventListener('change', () => {
    setCookie(`letterbox-${select.name}`, select.value);
    if (select.name === 'theme') showTheme();
    else window.location.reload();
  });
}
darkSystem.addEventListener('change', showTheme);
showTheme();

const config = read<FrameConfig>('frame-config');
const frame = document.querySelector<HTMLIFrameElement>('iframe#app');
if (config !== null && frame !== null) {
  adopt(frame, config, null);
  // Only now: a frame that is there before this script could call and get no answer.
  frame.src = config.frameUrl;
  const tell = (action: 'POP' | 'PUSH') => {
    markPage(config.base);
    send(frame, { letterbox: 'place', place: place(config.base), action });
  };
  window.addEventListener('popstate', () => tell('POP'));
  for (const link of document.querySelectorAll<HTMLAnchorElement>('.side a[data-route]')) {
    link.addEventListener('click', (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      window.history.pushState(null, '', link.href);
      tell('PUSH');
    });
  }
  markPage(config.base);
}
