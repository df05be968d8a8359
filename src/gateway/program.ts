import { version } from '../../package.json';
import { describeSettings, type GatewayConfig, readConfig, unknownSettings } from './config';
import { buildGateway } from './server';

/** Runs the gateway. @param entry the file of main.ts, which threads run too */
export async function runGateway(args: readonly string[], entry: URL): Promise<void> {
  if (args.includes('--help')) {
    process.stdout.write(describeSettings());
    return;
  }
  if (args.includes('--version')) {
    process.stdout.write(`${version}\n`);
    return;
  }
  const [first] = args;
  if (first !== undefined) throw new Error(`${first} is no option. Settings are environment variables.`);
  const config = readConfig(process.env);
  const { app, drain } = buildGateway(config, entry);

  const unknown = unknownSettings(process.env);
  if (unknown.length > 0) app.log.warn({ names: unknown }, 'no settings of the gateway');

  function stop(delayMs: number): void {
    app.log.info('closing');
    setTimeout(() => process.exit(1), delayMs + config.drainSeconds * 1_000).unref();
    drain(delayMs)
      .then(() => app.close())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  }
  process.once('SIGTERM', () => stop(config.shutdownDelaySeconds * 1_000));
  // Somebody at a terminal, who waits.
  process.once('SIGINT', () => stop(0));
  try {
    await app.listen({ host: config.host, port: config.port });
  } catch (cause) {
    throw new Error(whyNotListening(cause, config), { cause });
  }
}

function whyNotListening(cause: unknown, { host, port }: Pick<GatewayConfig, 'host' | 'port'>): string {
  const code: unknown = Reflect.get(Object(cause), 'code');
  if (code === 'EADDRINUSE') return `Another program listens on port ${port} of ${host}. End it, or set PORT.`;
  if (code === 'EACCES') return `Port ${port} may be used only by an administrator. Set PORT to 1024 or more.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `${host} is no address of this machine. Set HOST to one, or to 0.0.0.0 for all.`;
  return cause instanceof Error ? cause.message : String(cause);
}
