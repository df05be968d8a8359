import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { outgoingLimits } from '../../src/domain/limits';
import type { ComposedMail, Mailer, OutgoingMail } from '../../src/domain/mailer';
import type { CheckStepName } from '../../src/domain/ports';
import { composeMail } from '../../src/mail/compose';
import { parseMessage } from '../../src/mail/mime';
import { attachment, headerLines, outgoingMail } from '../support/outgoing-mail';

/** A mail as it went out to its recipients. */
export interface Delivered {
  envelope: { from: string; to: string[] };
  raw: Uint8Array;
}

/** What the suite needs of a server that takes mail. Nobody else sends through it. */
export interface MailerServer {
  /** Who may sign in, and sends. */
  address: string;
  /** The steps that a check walks. */
  steps: readonly CheckStepName[];
  /** Whether the server answers for each recipient. */
  refusesRecipients: boolean;
  /** `wrong`: with credentials that are no longer good. */
  open(wrong?: boolean): Mailer;
  /** A mailer for a server that is not there. */
  openNowhere(): Mailer;
  delivered(): readonly Delivered[];
  /** The next mail to this recipient is refused for good. */
  refuseRecipient(address: string): void;
  /** Mail is refused for now, until further notice. */
  throttle(isOn: boolean): void;
  stop(): Promise<void>;
}

const isError = (kind: string) => (error: unknown) =>
  error instanceof AppError && error.kind === kind && error.message.length > 20;

/** What every way out does alike. */
export function mailerContract(name: string, start: () => Promise<MailerServer>): void {
  describe(`mailer: ${name}`, () => {
    let server: MailerServer;
    before(async () => {
      server = await start();
    });
    after(() => server?.stop());

    const compose = (changes: Partial<OutgoingMail> = {}) =>
      composeMail(outgoingMail({ from: { name: 'Süpport', address: server.address }, ...changes }), {
        rawBytes: outgoingLimits.rawBytes['microsoft-graph'],
      });
    const using = async <T>(mailer: Mailer, work: (mailer: Mailer) => Promise<T>): Promise<T> => {
      try {
        return await work(mailer);
      } finally {
        await mailer.close();
      }
    };
    const send = (mail: ComposedMail) => using(server.open(), (mailer) => mailer.send(mail));

    test('a check walks every step, and sends nothing', async () => {
      const before = server.delivered().length;
      const report = await using(server.open(), (mailer) => mailer.check());
      assert.deepEqual(
        report.steps.map(({ step, ok }) => [step, ok]),
        server.steps.map((step) => [step, true]),
      );
      assert.ok(report.ok && report.messages === null);
      assert.ok(report.steps.every(({ message }) => message !== ''));
      assert.equal(server.delivered().length, before);
    });

    test('a check with wrong credentials ends at the sign-in, and says what to do', async () => {
      const report = await using(server.open(true), (mailer) => mailer.check());
      assert.equal(report.ok, false);
      assert.equal(report.steps.at(-1)?.step, 'sign-in');
      assert.deepEqual(report.steps.filter(({ ok }) => !ok).length, 1);
    });

    test('what arrives is what was composed, and goes to whom the envelope names', async () => {
      const mail = await compose({
        to: [
          { name: 'Ada, "the first"', address: 'ada@example.org' },
          { name: '', address: 'bob@bücher.example' },
        ],
        cc: [{ name: '山田', address: 'yamada@example.jp' }],
        subject: 'Grüße: 会議',
        text: 'Line one\n.\n..two dots\nFrom me\n',
        html: '<p>Grüße <img src="cid:logo@x"></p>',
        attachments: [
          attachment({
            content: Buffer.from([0, 255, 13, 10, 46, 13, 10]),
            mimeType: 'application/x-bytes',
            fileName: 'Bericht für März.bin',
          }),
          attachment({
            content: Buffer.from('GIF89a'),
            mimeType: 'image/gif',
            fileName: 'logo.gif',
            contentId: 'logo@x',
            inline: true,
          }),
        ],
        inReplyTo: '<a@example.org>',
        references: ['<a@example.org>'],
        automatic: true,
      });
      const sent = await send(mail);
      assert.ok(sent.reply.length > 0 && sent.reply.length <= 200);
      assert.deepEqual(sent.refused, []);
      assert.ok(sent.messageId === null || sent.messageId === mail.messageId);
      const arrived = server.delivered().at(-1);
      assert.deepEqual(arrived?.envelope.from, server.address);
      assert.deepEqual([...(arrived?.envelope.to ?? [])].sort(), [...mail.envelope.to].sort());
      assert.deepEqual(await parseMessage(arrived?.raw ?? new Uint8Array()), await parseMessage(mail.raw));
    });

    test('a bcc recipient gets the mail, and nobody reads of it', async () => {
      const bcc = [
        { name: 'Secret', address: 'secret@example.net' },
        { name: '', address: 'hidden@example.net' },
      ];
      await send(await compose({ bcc }));
      const arrived = server.delivered().at(-1);
      assert.deepEqual([...(arrived?.envelope.to ?? [])].sort(), [
        'ada@example.org',
        'hidden@example.net',
        'secret@example.net',
      ]);
      assert.doesNotMatch(Buffer.from(arrived?.raw ?? []).toString(), /secret|hidden|^bcc:/im);
      await send(await compose({ to: [], bcc }));
      assert.deepEqual([...(server.delivered().at(-1)?.envelope.to ?? [])].sort(), [
        'hidden@example.net',
        'secret@example.net',
      ]);
    });

    test('hostile words in every field change neither envelope nor header names', async () => {
      const evil = '\r\nBcc: evil@example.net\r\n\r\n.\r\nRCPT TO:<evil@example.net>\r\n';
      const honest = await compose({ subject: 'A', attachments: [attachment()] });
      const mail = await compose({
        to: [{ name: `Ada${evil}`, address: 'ada@example.org' }],
        subject: `A${evil}`,
        text: `Text${evil}`,
        inReplyTo: `<a${evil}@example.org>`,
        references: [`<b${evil}@example.org>`],
        attachments: [attachment({ fileName: `a${evil}.txt`, mimeType: `text/plain${evil}` })],
      });
      await send(honest);
      const plain = server.delivered().at(-1);
      await send(mail);
      const arrived = server.delivered().at(-1);
      const names = (raw: Uint8Array | undefined) =>
        headerLines(raw ?? new Uint8Array()).map((line) => line.split(':')[0]?.toLowerCase());
      assert.deepEqual(arrived?.envelope, plain?.envelope);
      assert.deepEqual(names(arrived?.raw), names(plain?.raw));
    });

    test('one mailer sends one mail after another', async () => {
      const before = server.delivered().length;
      await using(server.open(), async (mailer) => {
        for (const subject of ['1', '2', '3']) await mailer.send(await compose({ subject }));
      });
      const subjects = await Promise.all(
        server
          .delivered()
          .slice(before)
          .map(async ({ raw }) => (await parseMessage(raw)).subject),
      );
      assert.deepEqual(subjects, ['1', '2', '3']);
    });

    test('wrong credentials are a matter of access, and nothing is sent', async () => {
      const before = server.delivered().length;
      const mail = await compose();
      await assert.rejects(
        using(server.open(true), (mailer) => mailer.send(mail)),
        isError('access'),
      );
      assert.equal(server.delivered().length, before);
    });

    test('a mail to nobody but refused recipients is refused; one that others take goes to them', async () => {
      if (!server.refusesRecipients) return;
      server.refuseRecipient('gone@example.org');
      const gone = { name: '', address: 'gone@example.org' };
      const alone = await compose({ to: [gone] });
      await assert.rejects(send(alone), isError('message'));
      server.refuseRecipient('gone@example.org');
      const sent = await send(await compose({ cc: [gone] }));
      assert.deepEqual(
        sent.refused.map(({ address }) => address),
        ['gone@example.org'],
      );
      assert.match(sent.refused[0]?.reason ?? '', /^550 /);
      assert.deepEqual(server.delivered().at(-1)?.envelope.to, ['ada@example.org']);
    });

    test('a server that asks to slow down is tried again later, and the mail certainly did not go out', async () => {
      const before = server.delivered().length;
      server.throttle(true);
      const mail = await compose();
      await assert.rejects(
        send(mail),
        (error) =>
          isError('transient')(error) && error instanceof AppError && !error.uncertain && (error.retryAfterMs ?? 0) > 0,
      );
      server.throttle(false);
      assert.equal(server.delivered().length, before);
      await send(mail);
      assert.equal(server.delivered().length, before + 1);
    });

    test('a server that is not there is tried again', async () => {
      const mail = await compose();
      await assert.rejects(
        using(server.openNowhere(), (mailer) => mailer.send(mail)),
        isError('transient'),
      );
      const report = await using(server.openNowhere(), (mailer) => mailer.check());
      assert.equal(report.ok, false);
    });
  });
}
