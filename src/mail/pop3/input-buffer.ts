import { unstuff } from './dot-stuffing';
import { pop3Limits } from './limits';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const endOfBlock = Buffer.from('\r\n.\r\n');
const usualCapacity = 64 * 1024;

/** What was received and not read yet, as one stretch of memory: the network cuts lines and terminators anywhere. */
export class InputBuffer {
  #bytes = Buffer.allocUnsafeSlow(usualCapacity);
  #start = 0;
  #end = 0;
  /** Bytes from the start in which what is looked for does not end. */
  #scanned = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  append(chunk: Buffer): void {
    if (this.#end + chunk.length > this.#bytes.length) this.#makeRoom(chunk.length);
    this.#end += chunk.copy(this.#bytes, this.#end);
  }

  /** The next line without its CRLF; undefined until it is whole; null if it is none, being too long or ended by LF alone. */
  line(): string | undefined | null {
    const received = this.#received();
    const at = received.indexOf(lineFeed, this.#scanned);
    if (at === -1 && received.length < pop3Limits.lineBytes) {
      this.#scanned = received.length;
      return undefined;
    }
    if (at < 1 || at >= pop3Limits.lineBytes || received[at - 1] !== carriageReturn) return null;
    const line = received.toString('utf8', 0, at - 1);
    this.#take(at + 1);
    return line;
  }

  /**
   * The lines after a reply, without their terminator and dot-unstuffed (RFC 1939 §3); undefined until they are whole; null
   * when they are more than `limit` bytes. Only a dot between two CRLFs ends them: with a server that means something else
   * we wait in vain, rather than cut a message short.
   */
  block(limit: number): Buffer | undefined | null {
    if (this.#scanned === 0 && this.length >= 3 && this.#received().toString('latin1', 0, 3) === '.\r\n') {
      this.#take(3);
      return Buffer.alloc(0);
    }
    const received = this.#received();
    const at = received.indexOf(endOfBlock, this.#scanned);
    if (at > limit || (at === -1 && received.length > limit + endOfBlock.length)) return null;
    if (at === -1) {
      this.#scanned = Math.max(0, received.length - endOfBlock.length + 1);
      return undefined;
    }
    const block = unstuff(received.subarray(0, at + 2));
    this.#take(at + endOfBlock.length);
    return block;
  }

  #received(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  #makeRoom(more: number): void {
    const needed = this.length + more;
    const target = needed > this.#bytes.length ? Buffer.allocUnsafeSlow(2 * needed) : this.#bytes;
    this.#end = this.#bytes.copy(target, 0, this.#start, this.#end);
    this.#start = 0;
    this.#bytes = target;
  }

  #take(length: number): void {
    this.#start += length;
    this.#scanned = 0;
    if (this.#start !== this.#end) return;
    this.#start = 0;
    this.#end = 0;
    // After a large mail its memory is not kept.
    if (this.#bytes.length > pop3Limits.readAheadBytes) this.#bytes = Buffer.allocUnsafeSlow(usualCapacity);
  }
}
