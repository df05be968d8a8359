import { Readable } from 'node:stream';
import { continuedFrame, frameFollower, sampleFrame } from '../mail/frames';
import type { CallTime } from './call-time';

/** The answer to a fetch, which may be read by several calls one after another. */
export interface FrameReading {
  /** What comes until the time of a call is over; then a frame with the ticket of `park`, by which the next call goes on. */
  during(time: CallTime, park: () => string): Readable;
}

export function frameReading(frames: Readable): FrameReading {
  const chunks: AsyncIterator<Uint8Array> = frames[Symbol.asyncIterator]();
  const follower = frameFollower();
  let coming: Promise<IteratorResult<Uint8Array>> | null = null;

  function next(): Promise<IteratorResult<Uint8Array>> {
    if (coming === null) {
      coming = chunks.next();
      // Awaited later, perhaps by the next call; a failure until then must not count as unhandled.
      coming.catch(() => {});
    }
    return coming;
  }

  async function* whatComes(time: CallTime, park: () => string): AsyncGenerator<Uint8Array> {
    yield Buffer.concat(sampleFrame());
    for (;;) {
      // A frame that has begun is on its way whole.
      const came = follower.isBetweenFrames() ? await time.race(next()) : await next();
      if (came === null) {
        yield Buffer.concat(continuedFrame(park()));
        return;
      }
      coming = null;
      if (came.done === true) return;
      follower.add(came.value);
      yield came.value;
    }
  }

  return {
    during(time, park) {
      let isGoingOn = true;
      const answer = Readable.from(
        whatComes(time, () => {
          isGoingOn = false;
          return park();
        }),
        { objectMode: false },
      );
      // The client went away: its mail server is still sending.
      answer.once('close', () => {
        if (isGoingOn) frames.destroy();
      });
      return answer;
    },
  };
}
