import type { ImapFlow, MailboxObject } from 'imapflow';
import { AppError } from '../../domain/app-error';
import type { CheckStepName } from '../../domain/ports';
import { connectClient, type StepObserver } from './connect';
import { callBudget } from './deadline';
import { folderNotFound, type Place, serverWords, timedOut, translate } from './errors';
import { floodGate } from './flood-gate';
import { serverPath } from './folder-names';
import { imapLimits } from './limits';
import type { Credentials, ImapDeps, ImapSettings } from './settings';

/** What a refused command came back with. */
export interface Refusal {
  /** The response code, e.g. `TRYCREATE` (RFC 5530); empty if there was none. */
  code: string;
  words: string | undefined;
}

/** An authenticated connection, used by one call at a time. */
export interface Session {
  readonly client: ImapFlow;
  /** Sizes as the server told them, by UID of the open folder. */
  readonly sizes: Map<number, number>;
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
  /** The folder of the settings, opened if it was not lately, or `anew`. Its numbers follow what the server tells. */
  select(anew?: boolean): Promise<MailboxObject>;
  /** Why the last command was refused, once; where the server answers NO, the library says only `false`. */
  takeRefusal(): Refusal | null;
  /** Says goodbye if the server is quick about it, and ends the connection. */
  close(): Promise<void>;
}

const fact = (thrown: unknown, name: string): unknown => Reflect.get(Object(thrown), name);

/** Connects and signs in; the folder is opened when it is needed. @throws AppError */
export async function openSession(
  settings: ImapSettings,
  credentials: Credentials,
  deps: ImapDeps,
  observe: StepObserver = () => {},
): Promise<Session> {
  let refusal: Refusal | null = null;
  const client = await connectClient(settings, credentials, deps, observe, (error) => {
    if (fact(error, 'responseStatus') === undefined) return;
    refusal = {
      code: String(fact(error, 'serverResponseCode') ?? ''),
      words: serverWords(fact(error, 'responseText')),
    };
  });
  // The true cause of an end comes as an event; the error thrown after it says only that there is no connection.
  let failure: unknown;
  client.on('error', (error) => {
    failure = error;
  });
  const newBudget = () => callBudget(deps.callMs ?? imapLimits.callMs);
  let within = newBudget();

  async function wait<T>(
    step: CheckStepName | undefined,
    work: Promise<T>,
    { extraMs = 0, mostBytes = imapLimits.answerBytes }: { extraMs?: number; mostBytes?: number } = {},
  ): Promise<T> {
    const place: Place = { step, host: settings.host, port: settings.port, bye: undefined };
    const ms = settings.timeoutMs + extraMs;
    const flood = floodGate(client, mostBytes, deps.memory);
    try {
      const result = await within(ms, Promise.race([work, flood.burst]), () => {
        client.close();
        return timedOut(place, ms);
      });
      // On a closed connection the library answers a FETCH with nothing, as if every message were gone.
      if (client.usable) return result;
    } catch (thrown) {
      const cause = client.usable ? thrown : (failure ?? thrown);
      throw translate(thrown instanceof AppError ? thrown : cause, { ...place, bye: client.byeReason });
    } finally {
      flood.stop();
    }
    throw translate(failure, { ...place, bye: client.byeReason });
  }

  const sizes = new Map<number, number>();
  let selectedAt = Number.NEGATIVE_INFINITY;

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
    isUsable: () => client.usable,
    beginCall() {
      within = newBudget();
    },
    wait,
    select,
    takeRefusal() {
      const last = refusal;
      refusal = null;
      return last;
    },
    async close() {
      if (client.usable)
        await within(settings.timeoutMs, client.logout(), () => new Error('No goodbye.')).catch(() => {});
      client.close();
    },
  };
}
