import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { createAuthority } from '../support/certificates';
import { inbox } from '../support/scripted-imap';

/** Empty IMAP mailboxes for any user over TLS. Says its port and authority as a line of JSON, and ends with its standard input. */

const folder = mkdtempSync(join(tmpdir(), 'letterbox-tls-'));
const authority = await createAuthority(folder);
const { certificate, key } = await authority.issue('imap');
rmSync(folder, { recursive: true, force: true });
const server = createServer({ cert: certificate, key }, (socket) => {
  socket.on('error', () => {}).write('* OK ready\r\n');
  socket.on('data', (chunk) => {
    for (const line of chunk.toString('latin1').split('\r\n')) {
      const [tag, command = ''] = line.split(' ');
      if (command === 'SELECT') socket.write(`${inbox(0, 1)}${tag} OK open\r\n`);
      else if (command === 'LIST') socket.write(`* LIST () "/" INBOX\r\n${tag} OK\r\n`);
      else if (command !== '') socket.write(`* CAPABILITY IMAP4rev1\r\n${tag} OK\r\n`);
    }
  });
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;
process.stdout.write(`${JSON.stringify({ port, ca: authority.certificate })}\n`);
process.stdin.resume().once('end', () => process.exit());
