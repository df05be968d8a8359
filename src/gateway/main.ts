import { describeSettings, readConfig } from './config';
import { buildGateway } from './server';

/** Seconds that requests at work have to end after SIGTERM. */
const drainSeconds = 30;

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    process.stdout.write(describeSettings());
    return;
  }
  const config = readConfig(process.env);
  const gateway = buildGateway(config);

  function stop(): void {
    gateway.log.info('closing');
    setTimeout(() => process.exit(1), drainSeconds * 1_000).unref();
    gateway.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  }
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  await gateway.listen({ host: config.host, port: config.port });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`The gateway could not start.\n${reason}\nRun it with --help to see all settings.\n`);
  process.exitCode = 1;
});
