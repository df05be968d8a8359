import stdio from 'node:console';
import { Socket } from 'node:net';
import { format } from 'node:util';
import { type CallInit, type CallMeta, currentInvocation, never } from './invocation';

/**
 * The globals that function code stands on, for whichever invocation asks. They are put in place once, when this module is loaded, and
 * do nothing outside an invocation. Load it before `@forge/api`, which keeps the `fetch` that it finds.
 */
const installed = Symbol.for('letterbox.emulator.globals');

function install(): void {
  if (installed in globalThis) return;
  Object.defineProperty(globalThis, installed, { value: true });
  installFetch();
  installRuntime();
  guardSockets();
  captureConsole();
  speedTimers();
  moveClock();
}

function installRuntime(): void {
  Object.defineProperty(globalThis, '__forge_runtime__', {
    get: () => {
      const invocation = currentInvocation();
      return invocation?.platform.runtime(invocation);
    },
  });
  Object.defineProperty(globalThis, '__forge_fetch__', {
    value: async (meta: CallMeta, path: string, init: CallInit = {}): Promise<Response> => {
      const invocation = currentInvocation();
      if (!invocation) throw new Error(`No invocation is running here, so nothing answers ${path}.`);
      return invocation.ended === null ? invocation.platform.call(invocation, meta, path, init) : never();
    },
  });
}

function installFetch(): void {
  const native = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const invocation = currentInvocation();
    if (!invocation) return native(input, init);
    return invocation.ended === null ? invocation.platform.fetch(invocation, input, init) : never();
  };
}

/** Forge gives function code no sockets: whatever reaches for one (`node:net`, `node:tls`, `node:http`) must fail here too. */
function guardSockets(): void {
  const connect = Socket.prototype.connect;
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
    if (currentInvocation()) {
      const refusal = new Error(
        'connect EACCES: Forge functions may not open sockets. (A fetch that ends here was taken from the globals before the emulator was loaded.)',
      );
      // Later: whoever asked has to get a chance to listen for the error first.
      setImmediate(() => this.destroy(Object.assign(refusal, { code: 'EACCES', syscall: 'connect' })));
      return this;
    }
    return Reflect.apply(connect, this, args);
  };
}

function captureConsole(): void {
  for (const level of ['debug', 'info', 'log', 'warn', 'error'] as const) {
    const native = stdio[level];
    stdio[level] = (...args: unknown[]) => {
      const invocation = currentInvocation();
      if (invocation) invocation.platform.log(invocation, format(...args));
      else native.apply(stdio, args);
    };
  }
}

/** The time limits of function code can be met without waiting for them. `AbortSignal.timeout` stays as it is. */
function speedTimers(): void {
  const native = globalThis.setTimeout;
  const faster = new Proxy(native, {
    apply: (target, self, [callback, ms = 0, ...rest]) =>
      Reflect.apply(target, self, [callback, ms / (currentInvocation()?.platform.timerSpeed ?? 1), ...rest]),
  });
  globalThis.setTimeout = faster;
}

/** Function code lives by the platform's clock: when the emulator's is moved, `Date` has to follow. */
function moveClock(): void {
  const native = Date.now;
  const now = (): number => {
    const invocation = currentInvocation();
    return invocation ? invocation.platform.now() : native();
  };
  const moved = new Proxy(Date, {
    apply: () => new Date(now()).toString(),
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  });
  Date.now = now;
  Date.prototype.constructor = moved;
  globalThis.Date = moved;
}

install();
