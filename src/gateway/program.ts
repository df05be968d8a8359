import { version } from '../../package.json';
import { describeSettings, readConfig } from './config';
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

  function stop(): void {
    app.log.info('closing');
    setTimeout(() => process.exit(1), config.drainSeconds * 1_000).unref();
    drain()
      .then(() => app.close())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  }
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  await app.listen({ host: config.host, port: config.port });
}
