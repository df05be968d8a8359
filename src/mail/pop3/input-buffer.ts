import { unstuff } from './dot-stuffing';
import { pop3Limits } from './limits';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const endOfBlock = Buffer.from('\r\n.\r\n');
/** So much of what came before may be the beginning of an end. */
const borderBytes = endOfBlock.length - 1;
const slabBytes = 64 * 1024;

/** How far the end of a block was looked for in vain: whole chunks, their bytes and the last few of them, and bytes of the next chunk. */
const notSearched = () => ({ chunks: 0, bytes: 0, border: Buffer.alloc(0), within: 0 });

/** What was received and not read yet. The network cuts lines and terminators anywhere; nothing is copied twice for that. */
export class InputBuffer {
  #chunks: Buffer[] = [];
  #length = 0;
  /** The last chunk's memory, into which small chunks are gathered: a server may send byte by byte. */
  #slab = Buffer.alloc(0);
  #searched = notSearched();

  /** Bytes that wait to be read. */
  get length(): number {
    return this.#length;
  }

  append(chunk: Buffer): void {
    this.#length += chunk.length;
    if (chunk.length >= slabBytes / 4) {
      this.#chunks.push(chunk);
      this.#slab = Buffer.alloc(0);
      return;
    }
    if (chunk.length > this.#slab.length) {
      const slab = Buffer.allocUnsafeSlow(Math.max(chunk.length, this.#length > slabBytes ? slabBytes : 4 * 1024));
      chunk.copy(slab);
      this.#chunks.push(slab.subarray(0, chunk.length));
      this.#slab = slab.subarray(chunk.length);
      return;
    }
    const last = this.#chunks.pop() ?? Buffer.alloc(0);
    chunk.copy(this.#slab);
    this.#chunks.push(Buffer.from(last.buffer, last.byteOffset, last.length + chunk.length));
    this.#slab = this.#slab.subarray(chunk.length);
  }

  /** The next line without its CRLF; undefined until it is whole; null if it is none, being too long or ended by LF alone. */
  line(): string | undefined | null {
    const front = this.#front(pop3Limits.lineBytes);
    const at = front.indexOf(lineFeed);
    if (at === -1 && this.#length < pop3Limits.lineBytes) return undefined;
    if (at < 1 || at >= pop3Limits.lineBytes || front[at - 1] !== carriageReturn) return null;
    const line = front.toString('utf8', 0, at - 1);
    this.#skip(at + 1);
    return line;
  }

  /**
   * The lines after a reply, without their terminator and dot-unstuffed (RFC 1939 §3); undefined until they are whole; null
   * when they are more than `limit` bytes. Only a dot between two CRLFs ends them: with a server that means something else
   * we wait in vain, rather than cut a message short.
   */
  block(limit: number): Buffer | undefined | null {
    const { bytes, within } = this.#searched;
    const isNew = bytes + within < endOfBlock.length;
    if (isNew && this.#length >= 3 && this.#front(3).toString('latin1', 0, 3) === '.\r\n') {
      this.#skip(3);
      return Buffer.alloc(0);
    }
    const at = this.#findEnd();
    if (at > limit || (at === -1 && this.#length > limit + endOfBlock.length)) return null;
    if (at === -1) return undefined;
    const block = unstuff(this.#copy(at + 2));
    this.#skip(at + endOfBlock.length);
    return block;
  }

  /** Forgets everything. */
  clear(): void {
    this.#skip(this.#length);
  }

  /** Where the end of a block begins; -1 until it is there. */
  #findEnd(): number {
    for (;;) {
      const { chunks, bytes, border, within } = this.#searched;
      const chunk = this.#chunks[chunks];
      if (chunk === undefined) return -1;
      const across = Buffer.concat([border, chunk.subarray(0, borderBytes)]).indexOf(endOfBlock);
      if (across !== -1) return bytes - border.length + across;
      const at = chunk.indexOf(endOfBlock, Math.max(0, within - borderBytes));
      if (at !== -1) return bytes + at;
      if (chunks === this.#chunks.length - 1) {
        this.#searched.within = chunk.length;
        return -1;
      }
      const tail = chunk.length >= borderBytes ? chunk : Buffer.concat([border, chunk]);
      this.#searched = {
        chunks: chunks + 1,
        bytes: bytes + chunk.length,
        border: Buffer.from(tail.subarray(-borderBytes)),
        within: 0,
      };
    }
  }

  /** The first bytes as one stretch, at least `wanted` where there are so many. */
  #front(wanted: number): Buffer {
    const [first = Buffer.alloc(0)] = this.#chunks;
    if (first.length >= Math.min(wanted, this.#length)) return first;
    let count = 0;
    for (let size = 0; size < Math.min(wanted, this.#length); count += 1) size += this.#chunks[count]?.length ?? 0;
    const joined = Buffer.concat(this.#chunks.slice(0, count));
    this.#chunks.splice(0, count, joined);
    this.#slab = Buffer.alloc(0);
    this.#searched = notSearched();
    return joined;
  }

  #copy(length: number): Buffer {
    const copy = Buffer.allocUnsafeSlow(length);
    let at = 0;
    for (const chunk of this.#chunks) {
      if (at >= length) break;
      at += chunk.copy(copy, at, 0, Math.min(chunk.length, length - at));
    }
    return copy;
  }

  #skip(length: number): void {
    this.#length -= length;
    let left = length;
    let count = 0;
    for (const chunk of this.#chunks) {
      if (left < chunk.length) break;
      left -= chunk.length;
      count += 1;
    }
    this.#chunks.splice(0, count);
    const [first] = this.#chunks;
    if (left > 0 && first !== undefined) this.#chunks[0] = first.subarray(left);
    if (this.#chunks.length === 0) this.#slab = Buffer.alloc(0);
    this.#searched = notSearched();
  }
}
