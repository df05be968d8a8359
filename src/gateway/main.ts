import { describeSettings, readConfig } from './config';
import { buildGateway } from './server';

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    process.stdout.write(describeSettings());
    return;
  }
  const config = readConfig(process.env);
  const { app, drain } = buildGateway(config);

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

main(process.argv.slice(2)).catch((error: unknown) => {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`The gateway could not start.\n${reason}\nRun it with --help to see all settings.\n`);
  process.exitCode = 1;
});
