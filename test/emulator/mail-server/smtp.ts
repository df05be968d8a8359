import type { Readable } from 'node:stream';
import { SMTPServer } from 'smtp-server';
import type { ServerCredentials } from './certificates';

/** A mail as it came in: the envelope is what the client said, whatever the header says. */
export interface IncomingMail {
  from: string;
  recipients: string[];
  raw: Uint8Array;
}

const MiB = 1024 * 1024;
const largestMail = 50 * MiB;

/** An SMTP server that takes mail for anybody, without a password, on the loopback address only. */
export function smtpServer({ cert, key }: ServerCredentials, onMail: (mail: IncomingMail) => void): SMTPServer {
  return new SMTPServer({
    name: 'localhost',
    banner: 'Letterbox mail server',
    cert,
    key,
    size: largestMail,
    disabledCommands: ['AUTH'],
    disableReverseLookup: true,
    logger: false,
    onData: (stream, session, callback) => {
      const { mailFrom, rcptTo } = session.envelope;
      collected(stream).then(
        (raw) => {
          if (stream.sizeExceeded)
            return callback(Object.assign(new Error('The mail is too large'), { responseCode: 552 }));
          onMail({ from: mailFrom ? mailFrom.address : '', recipients: rcptTo.map(({ address }) => address), raw });
          callback(null, 'Delivered');
        },
        (error: Error) => callback(error),
      );
    },
  });
}

async function collected(stream: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    // The rest is read and dropped: the client must hear the refusal after its last line.
    if (size <= largestMail) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
