import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../src/domain/app-error';
import type { OutgoingMail } from '../../src/domain/mailer';
import { composeMail } from '../../src/mail/compose';
import { smtpMailer } from '../../src/mail/smtp/mailer';
import { isError } from '../contract/fetched';
import { faultProxy } from '../support/fault-proxy';
import { attachment, outgoingMail } from '../support/outgoing-mail';
import { overlayProblem } from '../support/overlay-root';
import { maxBytes, type Relay, startExim, startPostfix } from '../support/relays';

for (const start of [startPostfix, startExim]) {
  const name = start === startPostfix ? 'Postfix' : 'Exim';
  describe(`${name} as a server that sends`, { skip: overlayProblem ?? false }, () => {
    let relay: Relay;
    before(async () => {
      relay = await start();
    });
    after(() => relay?.stop());

    const compose = (changes: Partial<OutgoingMail> = {}) =>
      composeMail(
        outgoingMail({
          from: { name: 'Süpport', address: 'desk@example.com' },
          to: [{ name: '', address: 'ada@example.com' }],
          ...changes,
        }),
        { rawBytes: 10_000_000 },
      );
    const open = (encryption: 'tls' | 'starttls', password = 'secret', port?: number) =>
      smtpMailer(
        {
          encryption,
          host: 'localhost',
          port: port ?? (encryption === 'tls' ? relay.ports.smtps : relay.ports.submission),
          username: 'alice',
          timeoutMs: 10_000,
          privateCa: relay.ca,
        },
        { password },
        { resolve: async () => ['127.0.0.1'], allowPlaintext: false },
      );
    /** The mail with this subject, once it is delivered. */
    async function arrived(subject: string): Promise<string> {
      for (let waited = 0; waited < 20_000; waited += 100) {
        const found = (await relay.delivered()).find((raw) => raw.includes(`Subject: ${subject}\n`));
        if (found !== undefined) return found;
        await sleep(100);
      }
      throw new Error(`"${subject}" was not delivered.`);
    }

    for (const encryption of ['tls', 'starttls'] as const) {
      test(`takes mail by ${encryption}, one after another, after a check that sends nothing`, async () => {
        const mailer = open(encryption);
        const report = await mailer.check();
        assert.equal(report.ok, true, JSON.stringify(report));
        for (const n of [1, 2]) await mailer.send(await compose({ subject: `${encryption} ${n}` }));
        await mailer.close();
        await arrived(`${encryption} 1`);
        await arrived(`${encryption} 2`);
      });
    }

    test('says that the password is wrong', async () => {
      const mailer = open('tls', 'wrong');
      await assert.rejects(mailer.send(await compose()), isError('sign-in-failed', 'access', 'sign-in'));
    });

    test('hands on letters that are not ASCII, in the text and before the "@" of a recipient', async () => {
      const mailer = open('tls');
      const to = [{ name: 'Zoë', address: 'zoë@example.com' }];
      await mailer.send(await compose({ subject: 'utf8', text: 'Grüße 会議\n', to }));
      await mailer.close();
      await arrived('utf8');
    });

    test('refuses what is larger than it takes, and the mailer is of use afterwards', async () => {
      const mailer = open('tls');
      const content = Buffer.alloc(maxBytes, 'x');
      const large = await compose({ subject: 'large', attachments: [attachment({ content })] });
      await assert.rejects(mailer.send(large), isError('mail-too-large', 'message'));
      await mailer.send(await compose({ subject: 'after the large one' }));
      await mailer.close();
      await arrived('after the large one');
    });

    test('puts off a recipient, alone or beside others, and it is told so', async () => {
      const later = { name: '', address: 'later@example.com' };
      const mailer = open('tls');
      await assert.rejects(mailer.send(await compose({ to: [later] })), (error) => {
        assert.ok(error instanceof AppError);
        assert.equal(error.kind, 'transient');
        assert.match(error.detail ?? '', /^45[01] .*try again later/);
        return !error.uncertain;
      });
      const sent = await mailer.send(await compose({ subject: 'for one of two', cc: [later] }));
      assert.match(sent.refused[0]?.reason ?? '', /^45[01] .*try again later/);
      await mailer.close();
      await arrived('for one of two');
    });

    test('a connection that is cut anywhere after the sign-in sends no mail twice, and says whether it may have gone out', async () => {
      const outcomes: [subject: string, outcome: 'sent' | 'uncertain' | 'failed'][] = [];
      for (const afterBytes of [0, 25, 50, 75, 100, 150, 200]) {
        const proxy = await faultProxy(relay.ports.smtps);
        const mailer = open('tls', 'secret', proxy.port);
        await mailer.check();
        proxy.inject('cut', afterBytes);
        const subject = `cut after ${afterBytes}`;
        const mail = await compose({ subject, text: `${'x'.repeat(70)}\n`.repeat(1_000) });
        const outcome = await mailer.send(mail).then(
          () => 'sent' as const,
          (error) => (error instanceof AppError && error.uncertain ? 'uncertain' : 'failed'),
        );
        outcomes.push([subject, outcome]);
        await mailer.close();
        await proxy.stop();
      }
      const last = open('tls');
      await last.send(await compose({ subject: 'after all cuts' }));
      await last.close();
      await arrived('after all cuts');
      const delivered = await relay.delivered();
      for (const [subject, outcome] of outcomes) {
        const times = delivered.filter((raw) => raw.includes(`Subject: ${subject}\n`)).length;
        assert.ok(
          outcome === 'sent' ? times === 1 : times <= (outcome === 'uncertain' ? 1 : 0),
          `${subject}: ${outcome}, ${times}`,
        );
      }
      assert.ok(
        outcomes.some(([, outcome]) => outcome !== 'sent'),
        JSON.stringify(outcomes),
      );
    });
  });
}
