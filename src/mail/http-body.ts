/** A sender that stays below this many bytes a second for a whole timeout is not trusted to come to an end. */
const slowestBytesPerSecond = 4 * 1024;

/**
 * Reads a response's body, at most `maxBytes` of it: beyond that the connection is dropped and `body` is null, so that a
 * mail of any size never stands in memory whole. A body shorter than announced is an error, not a short mail.
 * @param progress called whenever enough has arrived since the last call to grant the sender more time
 */
export async function readBody(
  response: Response,
  maxBytes: number,
  progress: () => void,
): Promise<{ body: Uint8Array | null; size: number }> {
  const announced = announcedBytes(response);
  if (announced !== null && announced > maxBytes) {
    await response.body?.cancel();
    return { body: null, size: announced };
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  let since = Date.now();
  let sinceBytes = 0;
  if (response.body !== null) {
    const reader = response.body.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      size += next.value.byteLength;
      if (size > maxBytes) {
        await reader.cancel();
        return { body: null, size };
      }
      chunks.push(next.value);
      sinceBytes += next.value.byteLength;
      const elapsed = Date.now() - since;
      // One byte now and then must not keep a call alive for ever.
      if (elapsed >= 1_000 && sinceBytes >= (elapsed / 1_000) * slowestBytesPerSecond) {
        progress();
        since = Date.now();
        sinceBytes = 0;
      }
    }
  }
  if (announced !== null && size < announced) throw new Error(`The body ended after ${size} of ${announced} bytes.`);
  return { body: concatenate(chunks, size), size };
}

/** Null when nothing is announced, or when what is announced counts compressed bytes. */
function announcedBytes(response: Response): number | null {
  const value = response.headers.get('content-length');
  if (value === null || !/^\d+$/.test(value) || response.headers.has('content-encoding')) return null;
  return Number(value);
}

function concatenate(chunks: readonly Uint8Array[], size: number): Uint8Array {
  if (chunks.length === 1 && chunks[0] !== undefined) return chunks[0];
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
