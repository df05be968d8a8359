import { latin1 } from './legacy-charsets';

export interface UuencodedFile {
  name: string;
  bytes: Uint8Array;
}

const beginning = /^begin(?: [0-7]{3,4}) (\S.{0,250})$/;

/**
 * Takes uuencoded files out of a text (POSIX uuencode): from "begin" with its mode and name to "end", with nothing between them
 * but whole lines of it. What is cut short or only looks like it stays in the text.
 */
export function readUuencoded(body: Uint8Array): { files: UuencodedFile[]; rest: Uint8Array } {
  const files: UuencodedFile[] = [];
  const kept: Uint8Array[] = [];
  let keptFrom = 0;
  for (let at = 0; at !== -1 && at < body.length; at = nextLine(body, at)) {
    // 0x62: most lines do not begin with a "b", and cost no more than this.
    const name = body[at] === 0x62 ? beginning.exec(lineAt(body, at))?.[1] : undefined;
    const file = name === undefined ? null : fileAt(body, nextLine(body, at));
    if (name === undefined || file === null) continue;
    files.push({ name, bytes: file.bytes });
    kept.push(body.subarray(keptFrom, at));
    keptFrom = file.end;
    if (file.end >= body.length) break;
    at = file.end - 1;
  }
  return files.length === 0
    ? { files, rest: body }
    : { files, rest: Buffer.concat([...kept, body.subarray(keptFrom)]) };
}

/** The lines of a file up to and including "end"; null if one of them is none. */
function fileAt(body: Uint8Array, start: number): { bytes: Uint8Array; end: number } | null {
  const pieces: Uint8Array[] = [];
  for (let at = start; at !== -1 && at < body.length; at = nextLine(body, at)) {
    const line = lineAt(body, at);
    if (line === 'end') {
      const next = nextLine(body, at);
      return pieces.length === 0 ? null : { bytes: Buffer.concat(pieces), end: next === -1 ? body.length : next };
    }
    const piece = decodeLine(line);
    if (piece === null) return null;
    pieces.push(piece);
  }
  return null;
}

/** One letter tells how many bytes follow, four letters hold three of them; blanks at the end may have been lost. */
function decodeLine(line: string): Uint8Array | null {
  const code = (index: number) => (line.length > index ? line.charCodeAt(index) - 0x20 : 0);
  const length = code(0) & 63;
  const letters = Math.ceil(length / 3) * 4;
  // Some programs add a check sum.
  if (line.length > letters + 2) return null;
  for (let index = 0; index < line.length; index++) if (code(index) < 0 || code(index) > 64) return null;
  const bytes = new Uint8Array((letters / 4) * 3);
  for (let at = 1, to = 0; to < bytes.length; at += 4, to += 3) {
    const [a, b, c, d] = [code(at) & 63, code(at + 1) & 63, code(at + 2) & 63, code(at + 3) & 63];
    bytes[to] = (a << 2) | (b >> 4);
    bytes[to + 1] = (b << 4) | (c >> 2);
    bytes[to + 2] = (c << 6) | d;
  }
  return bytes.subarray(0, length);
}

/** Index behind the line's end; -1 if it is the last one. */
function nextLine(body: Uint8Array, at: number): number {
  const found = body.indexOf(0x0a, at);
  return found === -1 ? -1 : found + 1;
}

/** No line of uuencode is longer than 63 letters and some. */
function lineAt(body: Uint8Array, at: number): string {
  const next = nextLine(body, at);
  return latin1(body.subarray(at, Math.min(next === -1 ? body.length : next, at + 300))).replace(/[\r\n]+$/, '');
}
