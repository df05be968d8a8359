import { version } from '../../package.json';
import { describeSettings, readConfig, unknownSettings } from './config';
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
  await app.listen({ host: config.host, port: config.port });
}
