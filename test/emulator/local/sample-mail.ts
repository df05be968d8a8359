import { crc32, deflateSync } from 'node:zlib';
import { createTransport, type SendMailOptions } from 'nodemailer';

/** Mails to try the app with. */

type Content = Pick<SendMailOptions, 'subject' | 'text' | 'html' | 'attachments'>;

interface Sample {
  label: string;
  mails: () => Content[];
}

const plain = (number?: number): Content => ({
  subject: number === undefined ? 'The printer on floor 3 does not print' : `Order ${1_000 + number} has not arrived`,
  text: 'Hello,\n\nsince this morning nothing comes out of it. The display says "PC LOAD LETTER".\n\nI tried:\n- switching it off and on\n- another cable\n\nThank you\nKim\n',
});

const formatted: Content = {
  subject: 'Prices for the new office: table, list and links',
  text: 'Please see the HTML part.',
  html: `<html><body><h2>Offer</h2><p>Dear <b>support team</b>, here is what we <i>talked about</i> on <a href="https://example.com/meeting?id=7">Monday</a>:</p>
<table border="1"><tr><th>Item</th><th>Count</th><th>Price</th></tr><tr><td>Desk</td><td>12</td><td>4,188.00 €</td></tr><tr><td>Chair, <em>blue</em></td><td>24</td><td>5,952.00 €</td></tr></table>
<ol><li>Delivery in week 51</li><li>Assembly<ul><li>second floor</li><li>before noon</li></ul></li></ol>
<blockquote>We need it before Christmas.</blockquote>
<pre>Order no. 4711
Ref: A&amp;B</pre><p>Grüße,<br>Jürgen ✉️</p></body></html>`,
};

/** What `POST /_local/sample-mail` can send. */
export const sampleKinds = {
  plain: { label: 'Plain text', mails: () => [plain()] },
  html: { label: 'HTML with table and list', mails: () => [formatted] },
  attachment: {
    label: 'With attachments',
    mails: () => [
      {
        subject: 'Log files of the failed backup',
        text: 'Hi, both files are attached.\n',
        attachments: [
          { filename: 'backup 2026-11-20.log', content: 'step 1 ok\nstep 2 failed: disk full\n'.repeat(200) },
          { filename: 'Übersicht.csv', content: 'host;free\nalpha;0\nbeta;17\n', contentType: 'text/csv' },
        ],
      },
    ],
  },
  inline: {
    label: 'With an image in the text',
    mails: () => [
      {
        subject: 'Screenshot of the error',
        html: '<p>This is what I see:</p><p><img src="cid:screen@letterbox" alt="Screenshot"></p><p>It started after the update.</p>',
        attachments: [{ filename: 'screenshot.png', content: picture(320, 120), cid: 'screen@letterbox' }],
      },
    ],
  },
  many: { label: '10 at once', mails: () => Array.from({ length: 10 }, (_, index) => plain(index + 1)) },
} as const satisfies Record<string, Sample>;

export type SampleKind = keyof typeof sampleKinds;

/** Sends the mails of a kind over SMTP, one after the other; returns how many. */
export async function sendSamples(kind: SampleKind, to: string, smtp: { port: number; ca: string }): Promise<number> {
  const transport = createTransport({ host: '127.0.0.1', port: smtp.port, tls: { ca: smtp.ca } });
  const mails: readonly Content[] = sampleKinds[kind].mails();
  for (const mail of mails)
    await transport.sendMail({ ...mail, to, from: { name: 'Kim Customer', address: 'kim@customer.test' } });
  transport.close();
  return mails.length;
}

/** A small PNG: a colour gradient. */
function picture(width: number, height: number): Buffer {
  const rows = Array.from({ length: height }, (_, y) =>
    Buffer.from([
      0,
      ...Array.from({ length: width }, (_, x) => [40 + (x * 160) / width, 90 + (y * 120) / height, 200]).flat(),
    ]),
  );
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits a channel, RGB.
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
