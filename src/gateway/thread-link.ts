import { Readable } from 'node:stream';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { AppError } from '../domain/app-error';
import { errorFrame } from '../mail/frames';
import { toWireError } from '../mail/wire';
import {
  type Ending,
  type FromThread,
  hasEffect,
  type Job,
  movable,
  type Owner,
  type SessionCounts,
  type ThreadData,
  type ToThread,
} from './jobs';
import { serveThread } from './thread';

/** What came of a job. `ending` of frames is known when they are all sent. */
export type JobResult =
  | { type: 'refused' }
  | { type: 'answer'; json: Uint8Array; ending: Ending }
  | { type: 'frames'; frames: Readable; ending: Promise<Ending> };

/** A thread that talks with mail servers, seen from the thread that serves HTTP. */
export interface ThreadLink {
  run(owner: Owner, job: Job): Promise<JobResult>;
  /** The installation of each job at work, oldest first. */
  atWork(): string[];
  /** Asks whether it is alive. */
  ping(): void;
  /** Milliseconds for which it has owed an answer; 0 when it owes none. A thread that is starting owes none. */
  silentMs(): number;
  counts(): SessionCounts;
  /** Ends the thread now. Its jobs fail as transient. */
  kill(reason: EndReason): void;
  /** Has it say goodbye to its mail servers, and ends it. */
  close(): Promise<void>;
}

export interface ThreadEnd {
  reason: EndReason;
  /** That were at work. */
  jobs: number;
  cause: unknown;
}

export type EndReason = 'blocked' | 'memory' | 'crashed' | 'closed';

interface Pending {
  owner: Owner;
  job: Job;
  settle(result: JobResult): void;
  frames: { stream: Readable; end(ending: Ending): void } | null;
}

export interface LinkOptions {
  /** The program that the thread runs; null: it is no thread, but works in this one. */
  entry: URL | null;
  data: ThreadData;
  onEnd(end: ThreadEnd): void;
  onMailBytes(bytes: number): void;
}

/** Milliseconds that a goodbye may take before the thread is ended all the same. */
const closeMs = 5_000;

export function startThread({ entry, data, onEnd, onMailBytes }: LinkOptions): ThreadLink {
  const pending = new Map<number, Pending>();
  let nextId = 0;
  let isReady = false;
  let isOver = false;
  let askedAt: number | null = null;
  let counts: SessionCounts = { idle: 0, busy: 0, opened: 0 };
  let onClosed = () => {};
  const wire = entry === null ? inThisThread(data) : inWorker(entry, data);
  const post = (message: ToThread, moved: ArrayBuffer[] = []) => {
    if (!isOver) wire.port.postMessage(message, moved);
  };

  function end(reason: EndReason, cause?: unknown): void {
    if (isOver) return;
    isOver = true;
    wire.stop();
    const jobs = pending.size;
    for (const [id, one] of [...pending]) fail(id, one, reason);
    onClosed();
    onEnd({ reason, jobs, cause });
  }

  function fail(id: number, one: Pending, reason: EndReason): void {
    pending.delete(id);
    const error = threadEnded(reason, one.job);
    const ending: Ending = { outcome: error.code, trouble: null };
    if (one.job.operation !== 'fetch') {
      one.settle({ type: 'answer', json: answerOf(one.job, error), ending });
      return;
    }
    const frames = framesOf(id, one);
    for (const piece of errorFrame(error)) frames.stream.push(piece);
    frames.stream.push(null);
    frames.end(ending);
  }

  /** The answer to a fetch, as it comes. */
  function framesOf(id: number, one: Pending): NonNullable<Pending['frames']> {
    if (one.frames !== null) return one.frames;
    let end: (ending: Ending) => void = () => {};
    const ending = new Promise<Ending>((resolve) => {
      end = resolve;
    });
    const stream = new Readable({
      highWaterMark: 256 * 1024,
      read: () => post({ type: 'taken', id }),
      destroy(error, done) {
        post({ type: 'over', id });
        pending.delete(id);
        end({ outcome: 'client-gone', trouble: null });
        done(error);
      },
    });
    one.frames = { stream, end };
    one.settle({ type: 'frames', frames: stream, ending });
    return one.frames;
  }

  function hear(message: FromThread): void {
    if (message.type === 'ready') isReady = true;
    else if (message.type === 'closed') onClosed();
    else if (message.type === 'pong') {
      askedAt = null;
      counts = message.counts;
    } else hearOfJob(message);
  }

  function hearOfJob(message: Extract<FromThread, { id: number }>): void {
    const one = pending.get(message.id);
    if (one === undefined) return;
    if (message.type === 'pieces') {
      onMailBytes(message.mailBytes);
      const { stream } = framesOf(message.id, one);
      for (const piece of message.pieces) stream.push(piece);
      return;
    }
    if (message.type === 'ended' && message.json === null) {
      if (one.frames === null) fail(message.id, one, 'crashed');
      else {
        // Its client may take a while to read what came. Should the thread end meanwhile, the answer is whole all the same.
        pending.delete(message.id);
        one.frames.end(message.ending);
        one.frames.stream.push(null);
      }
      return;
    }
    pending.delete(message.id);
    post({ type: 'over', id: message.id });
    if (message.type === 'refused') one.settle({ type: 'refused' });
    else if (message.json !== null) one.settle({ type: 'answer', json: message.json, ending: message.ending });
  }

  wire.port.on('message', hear);
  wire.onEnd((cause) => end(isOutOfMemory(cause) ? 'memory' : 'crashed', cause));

  return {
    run: (owner, job) =>
      new Promise((settle) => {
        const id = nextId++;
        const one: Pending = { owner, job, settle, frames: null };
        if (isOver) {
          fail(id, one, 'closed');
          return;
        }
        pending.set(id, one);
        if (job.kind === 'mailbox') post({ type: 'job', id, owner, job });
        else {
          const { pieces, moved } = movable([job.bytes]);
          post({ type: 'job', id, owner, job: { ...job, bytes: pieces[0] ?? job.bytes } }, moved);
        }
      }),
    atWork: () => [...pending.values()].map(({ owner }) => owner.installationId),
    ping() {
      if (!isReady || askedAt !== null) return;
      askedAt = performance.now();
      post({ type: 'ping' });
    },
    silentMs: () => (askedAt === null ? 0 : performance.now() - askedAt),
    counts: () => counts,
    kill: end,
    async close() {
      const closed = new Promise<void>((resolve) => {
        onClosed = resolve;
      });
      post({ type: 'close' });
      const late = new Promise((resolve) => setTimeout(resolve, closeMs).unref());
      await Promise.race([closed, late]);
      end('closed');
    },
  };
}

interface Wire {
  port: Pick<MessagePort, 'postMessage'> & { on(event: 'message', hear: (message: FromThread) => void): unknown };
  onEnd(tell: (cause: unknown) => void): void;
  stop(): void;
}

function inThisThread(data: ThreadData): Wire {
  const { port1, port2 } = new MessageChannel();
  serveThread(port2, data);
  return {
    port: port1,
    onEnd() {},
    stop: () => port1.close(),
  };
}

function inWorker(entry: URL, data: ThreadData): Wire {
  const options = { workerData: data, resourceLimits: { maxOldGenerationSizeMb: data.config.threadHeapMb } };
  // tsx reads TypeScript in the first thread only, and Node loads the modules of `--import` there only.
  const worker = entry.pathname.endsWith('.ts')
    ? new Worker(sourceStart, { ...options, workerData: { ...data, entry: entry.href }, eval: true })
    : new Worker(entry, options);
  return {
    port: worker,
    onEnd(tell) {
      worker.once('error', tell);
      worker.once('exit', (code) => tell(new Error(`The thread ended with code ${code}.`)));
    },
    stop: () => void worker.terminate(),
  };
}

const sourceStart = `
const { workerData } = require('node:worker_threads');
const preloads = process.execArgv.filter((argument, at, all) => all[at - 1] === '--import' && argument.endsWith('.ts'));
import('tsx/esm/api').then(async ({ register }) => {
  register();
  for (const one of [...preloads, workerData.entry]) await import(one);
});`;

const isOutOfMemory = (cause: unknown) => Reflect.get(Object(cause), 'code') === 'ERR_WORKER_OUT_OF_MEMORY';

const reasons: Record<EndReason, string> = {
  blocked:
    'What a mail server sent kept a part of the gateway busy for too long, so that it was ended and started anew.',
  memory:
    'What mail servers sent took more memory than a part of the gateway has, so that it was ended and started anew.',
  crashed: 'A part of the gateway failed and was started anew.',
  closed: 'The gateway is about to end.',
};

const threadEnded = (reason: EndReason, job: Job) =>
  new AppError('gateway-thread-ended', 'transient', `${reasons[reason]} It is tried again.`, {
    uncertain: hasEffect(job),
  });

const answerOf = ({ kind }: Job, error: AppError) =>
  Buffer.from(JSON.stringify({ ok: false, error: toWireError(error), ...(kind === 'mailer' && { protocol: [] }) }));
