import { printSoak } from '../soak/report';
import { soak } from '../soak/soak';

/**
 * An hour of 1,000 mailboxes, each polled every minute, while mail arrives and everything around the app fails now and then.
 * Takes as long as this machine needs for a hundred thousand polls; `SOAK_CONNECTIONS`, `SOAK_MINUTES` and `SOAK_SEED` change it.
 */
const number = (name: string, preset: number) => Number(process.env[name] ?? preset);
const connections = number('SOAK_CONNECTIONS', 1_000);
const minutes = number('SOAK_MINUTES', 60);
const seed = number('SOAK_SEED', Date.now() % 1_000_000);
const calmMinutes = Math.min(15, minutes);

process.stdout.write(`${connections} connections, ${calmMinutes} + ${minutes} minutes, SOAK_SEED=${seed}\n`);
const say = (line: string) => process.stdout.write(`${line}\n`);
const result = await soak({ connections, calmMinutes, minutes, seed, say });
printSoak(result, connections);
process.exitCode = result.problems.length === 0 ? 0 : 1;
