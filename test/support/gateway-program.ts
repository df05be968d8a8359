import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { httpGateway } from './gateway';
import type { TokenIssuer } from './invocation-tokens';

/** The gateway in a process of its own, as people run it. */
export interface GatewayProgram {
  child: ChildProcessByStdio<null, Readable, Readable>;
  /** What it has written. */
  said: { out: string; error: string };
  /** Its exit code; null when a signal ended it. */
  ended: Promise<number | null>;
}

const source = ['--import', 'tsx', fileURLToPath(new URL('../../src/gateway/main.ts', import.meta.url))];

export interface ProgramOptions {
  args?: string[];
  /** Arguments of Node: the file to run; by default the source. */
  program?: string[];
}

/** Starts it with nothing in its environment but these settings. */
export function startProgram(
  settings: Record<string, string>,
  { args = [], program = source }: ProgramOptions = {},
): GatewayProgram {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [...program, ...args], {
    env: { PATH, HOME, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', error: '' };
  child.stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.error += chunk;
  });
  return { child, said, ended: once(child, 'close').then(([code]) => code) };
}

/** Settings for local servers. */
export const localSettings = ({ audience, jwksUrl }: Pick<TokenIssuer, 'audience' | 'jwksUrl'>) => ({
  PORT: '0',
  HOST: '127.0.0.1',
  GATEWAY_AUDIENCE: audience,
  GATEWAY_JWKS_URL: jwksUrl,
  GATEWAY_ALLOW_PRIVATE: '1',
  GATEWAY_ALLOW_PLAINTEXT: '1',
  GATEWAY_PORTS: '*',
  GATEWAY_SHUTDOWN_DELAY_SECONDS: '0',
});

/** Where it listens, once it does. @throws Error with what it said when it ends before that */
export async function addressOf({ child, said, ended }: GatewayProgram): Promise<string> {
  const address = /http:\/\/127\.0\.0\.1:\d+/;
  const failed = ended.then(() => Promise.reject(new Error(`The gateway ended: ${said.out}${said.error}`)));
  failed.catch(() => {});
  while (!address.test(said.out)) await Promise.race([once(child.stdout, 'data'), failed]);
  return address.exec(said.out)?.[0] ?? '';
}

/** Calls it as Forge would for an installation. */
export const callProgram = (url: string, issuer: TokenIssuer, installationId?: string) =>
  httpGateway(url, () => issuer.token(installationId === undefined ? {} : { installationId }));
