import { analyse } from 'chardet';
import type { Detect } from './text-reader';

/** Bytes above 0x7F below which statistics say nothing, and how sure they must be (of 100). */
const fewest = 8;
const surest = 40;
const sampleBytes = 4_096;

/** Guesses by how often letters follow each other. */
export const detectCharset: Detect = (bytes) => {
  const first = bytes.findIndex((byte) => byte > 0x7f);
  const sample = bytes.subarray(Math.max(first - 200, 0), first + sampleBytes);
  if (sample.filter((byte) => byte > 0x7f).length < fewest) return null;
  const [best] = analyse(sample);
  return best === undefined || best.confidence < surest ? null : best.name;
};
