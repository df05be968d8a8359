import { isMainThread, parentPort, workerData } from 'node:worker_threads';

/** One file is the program, and what its threads run: so it stays one when it is bundled. Each loads only its own half. */
async function main(): Promise<void> {
  if (isMainThread) {
    const { runGateway } = await import('./program');
    await runGateway(process.argv.slice(2), new URL(import.meta.url));
  } else if (parentPort !== null) {
    const { serveThread } = await import('./thread');
    serveThread(parentPort, workerData);
  }
}

main().catch((error: unknown) => {
  if (!isMainThread) throw error;
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`The gateway could not start.\n${reason}\nRun it with --help to see all settings.\n`);
  // Its threads would keep it alive, and whoever restarts what has ended would never learn of it.
  process.exit(1);
});
