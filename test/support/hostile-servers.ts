import { hostileImap, hostileWays } from './hostile-imap';

/** Hostile mail servers in a process of their own, so that what they take is not the measurer's time: prints their ports. */
const servers = Number(process.argv[2] ?? 20);
const ports: number[] = [];
for (let at = 0; at < servers; at += 1)
  ports.push((await hostileImap(hostileWays[at % hostileWays.length] ?? 'drip')).port);
process.stdout.write(`${JSON.stringify(ports)}\n`);
process.stdin.resume().once('close', () => process.exit(0));
