import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

export interface GatewayOptions {
  jwksUrl: string;
  audience: string;
  /** 0 picks a free one. */
  port: number;
  say: (line: string) => void;
  /** Settings besides those that are needed here: see src/gateway/config.ts. */
  settings?: Readonly<Record<string, string>>;
  /** Servers of the internet that are emulated here. */
  standIns?: StandIns;
}

export interface StandIns {
  /** `host:port` → the port on this machine. */
  ports: Readonly<Record<string, number>>;
  /** PEM of the authority behind their certificates. */
  ca: string;
}

export interface GatewayProcess {
  url: string;
  close(): Promise<void>;
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const startDeadlineMs = 30_000;
const restartDelayMs = 1_000;

/** The gateway as a child process, set up for the local mail server; started again should it die. @throws Error with its output */
export async function startGateway(options: GatewayOptions): Promise<GatewayProcess> {
  const { jwksUrl, audience, port: wanted, say, standIns = { ports: {}, ca: '' } } = options;
  const port = wanted === 0 ? await freePort() : wanted;
  const url = `http://127.0.0.1:${port}`;
  const environment = {
    ...process.env,
    REDIRECT: JSON.stringify(standIns.ports),
    REDIRECT_CA: standIns.ca,
    HOST: '127.0.0.1',
    PORT: String(port),
    GATEWAY_AUDIENCE: audience,
    GATEWAY_JWKS_URL: jwksUrl,
    GATEWAY_ALLOW_PRIVATE: '1',
    GATEWAY_ALLOW_PLAINTEXT: '1',
    GATEWAY_PORTS: '*',
    GATEWAY_SHUTDOWN_DELAY_SECONDS: '0',
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn',
    ...options.settings,
  };
  let stopping = false;
  let child: ChildProcess;
  let output = '';

  const launch = (): ChildProcess => {
    const preloads = ['tsx', here('leave-with-parent.ts'), here('redirect.ts')].flatMap((path) => ['--import', path]);
    const args = [...preloads, here('../../../src/gateway/main.ts')];
    const started = spawn(process.execPath, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    for (const stream of [started.stdout, started.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-4_000);
        for (const line of chunk.toString().split('\n')) if (line !== '') say(line);
      });
    }
    return started;
  };
  const watch = (running: ChildProcess) =>
    running.once('exit', (code) => {
      if (stopping) return;
      say(`The gateway ended (${code}); starting it again.`);
      setTimeout(() => {
        if (stopping) return;
        child = launch();
        watch(child);
      }, restartDelayMs).unref();
    });

  child = launch();
  const failed = new Promise<never>((_, reject) => {
    child.once('exit', (code) => reject(new Error(`The gateway could not start (exit code ${code}).\n${output}`)));
  });
  await Promise.race([failed, answering(`${url}/healthz`)]);
  child.removeAllListeners('exit');
  watch(child);

  return {
    url,
    close: async () => {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      // A request that hangs in a mail server must not keep the host from ending.
      const hurry = setTimeout(() => child.kill('SIGKILL'), 3_000);
      await ended;
      clearTimeout(hurry);
    },
  };
}

async function answering(url: string): Promise<void> {
  const deadline = Date.now() + startDeadlineMs;
  while (Date.now() < deadline) {
    const ok = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`The gateway did not answer at ${url} within ${startDeadlineMs / 1_000} seconds.`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
