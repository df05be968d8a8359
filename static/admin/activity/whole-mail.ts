import { call } from '../../shared/call';

/** A mail as it is in the mailbox, asked for in as many parts as it takes. */
export async function wholeMail(id: string): Promise<{ fileName: string; content: Blob }> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let got = 0; ; ) {
    const { fileName, base64, size } = await call('activity.raw', { id, from: got });
    const part = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    parts.push(part);
    got += part.byteLength;
    if (got >= size) return { fileName, content: new Blob(parts, { type: 'message/rfc822' }) };
  }
}
