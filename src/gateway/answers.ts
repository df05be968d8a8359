import type { FastifyReply, FastifyRequest } from 'fastify';
import { type AnswerTerms, answerTerms } from '../mail/answer-terms';
import { jsonOfFrames } from '../mail/frames';
import { type CallTime, callTime } from './call-time';
import { type FrameReading, frameReading } from './frame-reading';
import { type Ending, hasEffect, type Job } from './jobs';
import type { JobResult } from './thread-link';
import type { Threads } from './threads';
import { tickets } from './tickets';

/** Answers requests with what comes of their jobs, over as many calls as the app's way to here makes it take. */
export interface Answers {
  answer(request: FastifyRequest, reply: FastifyReply, jobOf: (terms: AnswerTerms) => Job): Promise<FastifyReply>;
  /** Whether a request comes for a job that goes on, which has a place already. */
  isAwaited(request: FastifyRequest): boolean;
  /** Done when no job is at work that changes a mailbox or sends mail, also where its client is gone or waits with a ticket. */
  effectsDone(): Promise<void>;
}

/** A job at work, or what is left of its answer. */
interface Work {
  result: Promise<JobResult>;
  /** Once the first frame of a fetch has come. */
  reading: FrameReading | null;
  /** The last call that asked for it. */
  request: FastifyRequest;
  /** Gives back the place that the answer has until a client took it, or nobody comes for it. */
  letGo(): void;
}

/** Milliseconds after which nobody comes for the rest of an answer: the app asks for it at once. */
const keptMs = 30_000;

/** @param longestMs that a call takes which names a time */
export function jobAnswers(threads: Threads, longestMs: number): Answers {
  const unfinished = tickets<Work>(keptMs, drop);
  const effects = new Set<Promise<unknown>>();

  /** Nobody comes for the rest. A download that has not begun yet would wait for its client for ever when it does. */
  function drop({ result, letGo }: Work): void {
    letGo();
    void result.then((ended) => ended.type === 'frames' && ended.frames.destroy());
  }

  /** Its place is taken until the thread is done, also when the client goes away meanwhile. */
  function start(request: FastifyRequest, job: Job): Work {
    const giveBack = request.keepPlace();
    const result = threads.run(request.installationId, job);
    const work: Work = { result, reading: null, request, letGo: request.keepPlace() };
    const note = ({ outcome, trouble }: Ending) => {
      work.request.outcome = outcome;
      if (trouble !== null) work.request.log[trouble.level](trouble.fields, trouble.message);
    };
    const done = result
      .then(async (ended) => {
        if (ended.type === 'frames') note(await ended.ending);
        else if (ended.type === 'answer') note(ended.ending);
      })
      .finally(giveBack);
    if (hasEffect(job)) {
      effects.add(done);
      void done.finally(() => effects.delete(done));
    }
    return work;
  }

  return {
    async answer(request, reply, jobOf) {
      const parsed = answerTerms.safeParse(request.query);
      if (!parsed.success) return reply.code(400).send({ error: 'The request is malformed.', fields: ['query'] });
      const terms = parsed.data;
      const kept = terms.ticket === undefined ? null : unfinished.take(ownerOf(request), terms.ticket);
      // Not begun anew: a change must not be made twice, and a download is to go on from where the app has come to.
      if (kept === null && terms.ticket !== undefined)
        return reply.code(410).send({ error: 'Of this ticket nothing is known here.' });
      const work = kept ?? start(request, jobOf(terms));
      work.request = request;
      let isParked = false;
      const park = () => {
        request.outcome = 'continued';
        isParked = true;
        return unfinished.keep(ownerOf(request), work);
      };
      reply.raw.once('close', () => {
        if (!isParked) drop(work);
      });
      const time = callTime(terms.wait === undefined ? null : Math.min(terms.wait * 1_000, longestMs));
      const result = await time.race(work.result);
      if (result?.type !== 'frames') time.stop();
      if (result === null) return reply.code(202).send({ ticket: park() });
      if (result.type === 'refused')
        return reply.code(429).header('retry-after', '5').send({ error: 'Too many sessions are in use.' });
      if (result.type === 'answer') return sendJson(reply, result.json);
      // An app of an older version, which knows of no terms.
      if (terms.wait === undefined && terms.form === 'frames' && work.reading === null)
        return reply.type('application/octet-stream').send(result.frames);
      work.reading ??= frameReading(result.frames);
      return sendFrames(reply, work.reading, terms, time, park);
    },
    isAwaited(request) {
      const ticket: unknown = Reflect.get(Object(request.query), 'ticket');
      return typeof ticket === 'string' && unfinished.has(ownerOf(request), ticket);
    },
    async effectsDone() {
      await Promise.all(effects);
    },
  };
}

/** A ticket is good for the same question of the same installation. */
const ownerOf = ({ installationId, routeOptions }: FastifyRequest) =>
  JSON.stringify([installationId, routeOptions.url]);

async function sendFrames(
  reply: FastifyReply,
  reading: FrameReading,
  { form }: AnswerTerms,
  time: CallTime,
  park: () => string,
): Promise<FastifyReply> {
  const frames = reading.during(time, park);
  frames.once('close', time.stop);
  if (form === 'frames') return reply.type('application/octet-stream').send(frames);
  reply.raw.once('close', () => frames.destroy());
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of frames) pieces.push(piece);
  } catch (thrown) {
    if (!reply.raw.destroyed) throw thrown;
  }
  // Its client went away.
  if (reply.raw.destroyed) return reply.hijack();
  return sendJson(reply, Buffer.from(jsonOfFrames(Buffer.concat(pieces))));
}

const sendJson = (reply: FastifyReply, json: Uint8Array) =>
  reply.type('application/json; charset=utf-8').send(Buffer.from(json.buffer, json.byteOffset, json.byteLength));
