import type { GatewayConfig } from './config';
import type { Job, Owner, SessionCounts } from './jobs';
import { clearRow, heldBytes, type Ledger, ledgerSlots } from './ledger';
import { type JobResult, startThread, type ThreadEnd, type ThreadLink } from './thread-link';

export interface ThreadsOptions {
  config: GatewayConfig;
  ledger: Ledger;
  /** The program that threads run. */
  entry: URL;
  onMailBytes(bytes: number): void;
  /** A thread ended that was not asked to. */
  onEnd(end: ThreadEnd): void;
}

/** The threads that talk with mail servers. */
export interface Threads {
  run(installationId: string, job: Job): Promise<JobResult>;
  /** Where the memory of an installation is counted. */
  slotOf(installationId: string): number;
  counts(): Promise<SessionCounts>;
  close(): Promise<void>;
}

/** Rows of the ledger: one a thread, one for the isolated, and one for the thread that serves HTTP. */
export const ledgerRows = ({ threads }: Pick<GatewayConfig, 'threads'>) => Math.max(1, threads) + 2;
export const httpRow = 0;

/** Milliseconds between two looks at the threads. */
const lookMs = 250;
/** A thread that owes an answer for so long (ms) is held up: whoever has most at work there is moved away from the others. */
const slowMs = 500;
/** ... for so long (ms). */
const isolationMs = 10 * 60_000;

interface Home {
  seat: Seat;
  slot: number;
  usedAt: number;
  isolatedUntil: number;
}

/** The place of a thread, which may be started several times. */
interface Seat {
  row: number;
  link: ThreadLink | null;
  /** Of threads that ended. */
  opened: number;
  /** Somebody was moved away since it owes an answer. */
  isRelieved: boolean;
}

/**
 * Distributes installations among threads. Each has one home, so that its mail servers hold up nobody but who lives there too,
 * and one that does is moved to a thread that is kept for such. A thread that stops answering is ended, and begins anew.
 */
export function startThreads({ config, ledger, entry, onMailBytes, onEnd }: ThreadsOptions): Threads {
  const limitMs = config.threadSeconds * 1_000;
  const isThreaded = config.threads > 0;
  const seats = Array.from({ length: Math.max(1, config.threads) }, (_, at): Seat => newSeat(at + 1));
  const isolation = newSeat(seats.length + 1);
  const homes = new Map<string, Home>();
  const all = [...seats, isolation];
  let lookedAt = performance.now();

  function linkOf(seat: Seat): ThreadLink {
    if (seat.link !== null) return seat.link;
    const link = startThread({
      entry: isThreaded ? entry : null,
      data: { config, ledger, row: seat.row },
      onMailBytes,
      onEnd(end) {
        seat.opened += link.counts().opened;
        seat.link = null;
        clearRow(ledger, seat.row);
        if (end.reason !== 'closed') onEnd(end);
      },
    });
    seat.link = link;
    return link;
  }

  const livingAt = (seat: Seat) => [...homes].filter(([, home]) => home.seat === seat);

  /** A slot that nobody counts in; the last one is shared when there is none. */
  function freeSlot(): number {
    const taken = new Set([...homes.values()].map(({ slot }) => slot));
    for (let slot = 0; slot < ledgerSlots - 1; slot += 1)
      if (!taken.has(slot) && heldBytes(ledger, slot) === 0) return slot;
    return ledgerSlots - 1;
  }

  function homeOf(installationId: string): Home {
    const now = performance.now();
    const [emptiest = isolation] = [...seats].sort((a, b) => livingAt(a).length - livingAt(b).length);
    let home = homes.get(installationId);
    if (home?.seat === isolation && now > home.isolatedUntil) home.seat = emptiest;
    if (home === undefined) {
      home = { seat: emptiest, slot: freeSlot(), usedAt: now, isolatedUntil: 0 };
      homes.set(installationId, home);
    }
    home.usedAt = now;
    return home;
  }

  /** Moves whoever has most at work in a thread that is held up: if it is not the cause, it at least has its peace. */
  function isolate(seat: Seat): void {
    if (!isThreaded || seat === isolation || livingAt(seat).length < 2) return;
    const atWork = new Map<string, number>();
    for (const id of seat.link?.atWork() ?? []) atWork.set(id, (atWork.get(id) ?? 0) + 1);
    const [busiest] = [...atWork].sort(([, a], [, b]) => b - a);
    const home = busiest === undefined ? undefined : homes.get(busiest[0]);
    if (home === undefined || home.seat !== seat) return;
    seat.isRelieved = true;
    home.seat = isolation;
    home.isolatedUntil = performance.now() + isolationMs;
  }

  function look(): void {
    const now = performance.now();
    // When this thread itself was held up, answers may lie here unread.
    const isLate = now - lookedAt > 2 * lookMs + 100;
    lookedAt = now;
    for (const seat of all) {
      const silentMs = seat.link?.silentMs() ?? 0;
      if (silentMs <= slowMs) seat.isRelieved = false;
      else if (!isLate && !seat.isRelieved) isolate(seat);
      if (silentMs > limitMs && !isLate) seat.link?.kill('blocked');
      else seat.link?.ping();
    }
    // Those that were not seen for as long as a session is kept have none.
    const keptMs = config.sessionIdleSeconds * 1_000 + 60_000;
    for (const [id, { usedAt, isolatedUntil }] of homes) {
      if (now - usedAt > keptMs && now > isolatedUntil) homes.delete(id);
    }
  }

  const looking = setInterval(look, lookMs);
  looking.unref();
  for (const seat of seats) linkOf(seat);

  return {
    async run(installationId, job) {
      const { seat, slot } = homeOf(installationId);
      const owner: Owner = { installationId, slot };
      return linkOf(seat).run(owner, job);
    },
    slotOf: (installationId) => homeOf(installationId).slot,
    async counts() {
      for (const { link } of all) link?.ping();
      await answered(all);
      const links = all.flatMap(({ link }) => link ?? []);
      const sum = (key: keyof SessionCounts) => links.reduce((total, link) => total + link.counts()[key], 0);
      const ended = all.reduce((total, { opened }) => total + opened, 0);
      return { idle: sum('idle'), busy: sum('busy'), opened: sum('opened') + ended };
    },
    async close() {
      clearInterval(looking);
      await Promise.all(all.map(({ link }) => link?.close()));
    },
  };
}

const newSeat = (row: number): Seat => ({ row, link: null, opened: 0, isRelieved: false });

/** Waits until all threads have answered that can; metrics must not wait for one that is held up. */
async function answered(seats: readonly Seat[]): Promise<void> {
  for (let tries = 0; tries < 20 && seats.some(({ link }) => (link?.silentMs() ?? 0) > 0); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
