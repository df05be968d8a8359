import type { FastifyReply, FastifyRequest } from 'fastify';
import { type AnswerTerms, answerTerms } from '../mail/answer-terms';
import { jsonOfFrames } from '../mail/frames';
import { type CallTime, callTime } from './call-time';
import { type FrameReading, frameReading } from './frame-reading';
import type { Ending, Job } from './jobs';
import type { JobResult } from './thread-link';
import type { Threads } from './threads';
import { tickets } from './tickets';

/** Answers requests with what comes of their jobs, over as many calls as the app's way to here makes it take. */
export interface Answers {
  answer(request: FastifyRequest, reply: FastifyReply, jobOf: (terms: AnswerTerms) => Job): Promise<FastifyReply>;
}

/** A job at work, or what is left of its answer. */
interface Work {
  result: Promise<JobResult>;
  /** Once the first frame of a fetch has come. */
  reading: FrameReading | null;
  /** The last call that asked for it. */
  request: FastifyRequest;
}

/** Milliseconds after which nobody comes for the rest of an answer: the app asks for it at once. */
const keptMs = 30_000;

/** @param longestMs that a call takes which names a time */
export function jobAnswers(threads: Threads, longestMs: number): Answers {
  const unfinished = tickets<Work>(keptMs, ({ reading }) => reading?.drop());

  /** Its place is taken until the thread is done, also when the client goes away meanwhile. */
  function start(request: FastifyRequest, job: Job): Work {
    const giveBack = request.keepPlace();
    const result = threads.run(request.installationId, job);
    const work: Work = { result, reading: null, request };
    const note = ({ outcome, trouble }: Ending) => {
      work.request.outcome = outcome;
      if (trouble !== null) work.request.log[trouble.level](trouble.fields, trouble.message);
    };
    void result
      .then(async (ended) => {
        if (ended.type === 'frames') note(await ended.ending);
        else if (ended.type === 'answer') note(ended.ending);
      })
      .finally(giveBack);
    return work;
  }

  return {
    async answer(request, reply, jobOf) {
      const parsed = answerTerms.safeParse(request.query);
      if (!parsed.success) return reply.code(400).send({ error: 'The request is malformed.', fields: ['query'] });
      const terms = parsed.data;
      const { installationId } = request;
      const kept = terms.ticket === undefined ? null : unfinished.take(installationId, terms.ticket);
      // Not begun anew: a change must not be made twice, and a download is to go on from where the app has come to.
      if (kept === null && terms.ticket !== undefined)
        return reply.code(410).send({ error: 'Of this ticket nothing is known here.' });
      const work = kept ?? start(request, jobOf(terms));
      work.request = request;
      const park = () => {
        request.outcome = 'continued';
        return unfinished.keep(installationId, work);
      };
      const time = callTime(terms.wait === undefined ? null : Math.min(terms.wait * 1_000, longestMs));
      const result = await time.race(work.result);
      if (result?.type !== 'frames' || terms.wait === undefined) time.stop();
      if (result === null) return reply.code(202).send({ ticket: park() });
      if (result.type === 'refused')
        return reply.code(429).header('retry-after', '5').send({ error: 'Too many sessions are in use.' });
      if (result.type === 'answer') return sendJson(reply, result.json);
      if (terms.wait === undefined) return reply.type('application/octet-stream').send(result.frames);
      work.reading ??= frameReading(result.frames);
      return sendFrames(reply, work.reading, terms, time, park);
    },
  };
}

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
  for await (const piece of frames) pieces.push(piece);
  return sendJson(reply, Buffer.from(jsonOfFrames(Buffer.concat(pieces))));
}

const sendJson = (reply: FastifyReply, json: Uint8Array) =>
  reply.type('application/json; charset=utf-8').send(Buffer.from(json.buffer, json.byteOffset, json.byteLength));
