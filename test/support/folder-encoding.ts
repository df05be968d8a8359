/** A folder name in modified UTF-7 (RFC 3501 §5.1.3), as it goes over the wire. */
export function encodeFolder(name: string): string {
  return name.replace(/&|[^\x20-\x7e]+/g, (text) => {
    if (text === '&') return '&-';
    const utf16 = Buffer.from(text, 'utf16le').swap16();
    return `&${utf16.toString('base64').replace(/=+$/, '').replaceAll('/', ',')}-`;
  });
}
