import type { ImapFlow, MailboxObject } from 'imapflow';
import { AppError } from '../../domain/app-error';
import type { CheckStepName } from '../../domain/ports';
import { type Memory, uncounted } from '../held-memory';
import { connectClient, type StepObserver } from './connect';
import { callBudget, type Waits } from './deadline';
import { folderNotFound, type Place, timedOut, translate } from './errors';
import { floodGate } from './flood-gate';
import { serverPath } from './folder-names';
import type { Refusal } from './library-log';
import { imapLimits } from './limits';
import type { Credentials, ImapDeps, ImapSettings } from './settings';

/** What a server taught us in this session or an earlier one of the same mailbox. */
export interface Learned {
  /** It answers a search in the compact form that it announces (RFC 4731). */
  compactSearch: boolean;
  /** Messages are as long as it says. */
  exactSizes: boolean;
  /** Whole messages come in the order of their UIDs. */
  inOrder: boolean;
  /** Its answers to UID FETCH tell of mail that came in meanwhile. Not known until it does. */
  tellsNews: boolean;
  /** The mechanism that signs in, where it is not the first. */
  way?: string;
}

export const nothingLearned = (): Learned => ({
  compactSearch: true,
  exactSizes: true,
  inOrder: true,
  tellsNews: false,
});

/** Servers that are known to look into the folder for each command. */
const tellers = /dovecot|cyrus/i;

/** An authenticated connection, used by one call at a time. */
export interface Session {
  readonly client: ImapFlow;
  /** Sizes as the server told them, by UID of the open folder. */
  readonly sizes: Map<number, number>;
  readonly learned: Learned;
  /** Counts what is held of its answers. */
  readonly memory: Memory;
  /** Where the last listing ended: only what came after it can be news that the server does not tell. */
  listedTo: string | null;
  /** False once the connection ended or was given up. */
  isUsable(): boolean;
  /** Starts the budget of a new call. */
  beginCall(): void;
  /**
   * Waits for the server, at most the timeout of the settings and `extraMs`, and for `mostBytes` (default: those of an answer that
   * reads no messages); then the session is given up. @throws AppError
   */
  wait<T>(
    step: CheckStepName | undefined,
    work: Promise<T>,
    most?: { extraMs?: number; mostBytes?: number },
  ): Promise<T>;
  /** The same for several waits one after another, with one timer. The limits are those of each. */
  waits(step: CheckStepName | undefined, most: { extraMs?: number; mostBytes?: number }): Waits;
  /** How many messages the server told of, since the session began, that came in meanwhile. */
  arrived(): number;
  /** Whether the folder was opened in this call: then the server has just told all of it. */
  isFresh(): boolean;
  /** The folder of the settings, opened if it was not lately, or `anew`. Its numbers follow what the server tells. */
  select(anew?: boolean): Promise<MailboxObject>;
  /** Why the last command was refused, once; where the server answers NO, the library says only `false`. */
  takeRefusal(): Refusal | null;
  /** The beginnings of lines that the library could not read, since they were taken last. */
  takeUnreadable(): string[];
  /** Adds a remark to the protocol. */
  tell(remark: string): void;
  /** Says goodbye if the server is quick about it, and ends the connection. */
  close(): Promise<void>;
}

const fact = (thrown: unknown, name: string): unknown => Reflect.get(Object(thrown), name);

/** Connects and signs in; the folder is opened when it is needed. @throws AppError */
export async function openSession(
  settings: ImapSettings,
  credentials: Credentials,
  deps: ImapDeps,
  learned: Learned,
  observe: StepObserver = () => {},
): Promise<Session> {
  const { client, log } = await connectClient(settings, credentials, deps, observe, learned);
  learned.tellsNews ||= tellers.test(`${client.greeting} ${client.serverInfo?.name}`);
  // The true cause of an end comes as an event; the error thrown after it says only that there is no connection.
  let failure: unknown;
  client.on('error', (error) => {
    failure = error;
  });
  const newBudget = () => callBudget(deps.callMs ?? imapLimits.callMs);
  let within = newBudget();

  const waits: Session['waits'] = (step, { extraMs = 0, mostBytes = imapLimits.answerBytes }) => {
    const place: Place = { step, host: settings.host, port: settings.port, bye: undefined };
    const ms = settings.timeoutMs + extraMs;
    const flood = floodGate(client, mostBytes, log.ends, deps.memory);
    const timed = within(ms, () => {
      client.close();
      return timedOut(place, ms);
    });
    return {
      async over(work) {
        flood.begin();
        try {
          const result = await timed.over(log.ends.race(work));
          // On a closed connection the library answers a FETCH with nothing, as if every message were gone.
          if (client.usable) return result;
        } catch (thrown) {
          if (thrown instanceof AppError && thrown.code === 'throttled') client.close();
          const cause = client.usable ? thrown : (failure ?? thrown);
          log.noteRefusal(cause);
          throw translate(thrown instanceof AppError ? thrown : cause, { ...place, bye: client.byeReason });
        }
        throw translate(failure, { ...place, bye: client.byeReason });
      },
      stop() {
        flood.stop();
        timed.stop();
      },
    };
  };

  async function wait<T>(
    step: CheckStepName | undefined,
    work: Promise<T>,
    most: { extraMs?: number; mostBytes?: number } = {},
  ): Promise<T> {
    const one = waits(step, most);
    return await one.over(work).finally(one.stop);
  }

  let arrived = 0;
  client.on('exists', ({ count, prevCount }) => {
    arrived += Math.max(0, count - prevCount);
  });
  const sizes = new Map<number, number>();
  let selectedAt = Number.NEGATIVE_INFINITY;
  let calledAt = Number.NEGATIVE_INFINITY;

  async function select(anew = false): Promise<MailboxObject> {
    const open = client.mailbox;
    if (open !== false && !anew && performance.now() - selectedAt < imapLimits.selectMs) return open;
    try {
      const folder = await wait('folder', client.mailboxOpen(serverPath(client, settings.folder)));
      if (open !== false && open.uidValidity !== folder.uidValidity) sizes.clear();
      selectedAt = performance.now();
      return folder;
    } catch (thrown) {
      const isMissing = thrown instanceof AppError && fact(thrown.cause, 'mailboxMissing') === true;
      throw isMissing ? folderNotFound(thrown.detail, thrown.cause) : thrown;
    }
  }

  return {
    client,
    sizes,
    learned,
    memory: deps.memory ?? uncounted,
    listedTo: null,
    isUsable: () => client.usable,
    beginCall() {
      within = newBudget();
      calledAt = performance.now();
    },
    wait,
    waits,
    arrived: () => arrived,
    isFresh: () => selectedAt >= calledAt,
    select,
    takeRefusal: log.takeRefusal,
    takeUnreadable: log.takeUnreadable,
    tell: (remark) => deps.log?.(`# ${remark}`),
    async close() {
      const goodbye = within(settings.timeoutMs, () => new Error('No goodbye.'));
      if (client.usable) await goodbye.over(client.logout()).catch(() => {});
      goodbye.stop();
      client.close();
    },
  };
}
