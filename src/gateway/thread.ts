import type { MessagePort } from 'node:worker_threads';
import { toAppError } from '../domain/app-error';
import type { Mailer } from '../domain/mailer';
import { imapMailbox } from '../mail/imap/mailbox';
import type { MailerCredentials, MailerSettings } from '../mail/mailer-wire';
import type { PartedMailbox } from '../mail/parts';
import { pop3Mailbox } from '../mail/pop3/mailbox';
import { smtpMailer } from '../mail/smtp/mailer';
import type { MailboxCredentials, MailboxSettings } from '../mail/wire';
import { hostGuard } from './host-guard';
import { type OpenSession, openTalk, type PooledSession, pooledSession } from './job-talk';
import type { FromThread, Job, Owner, ThreadData, ToThread } from './jobs';
import { openRow } from './ledger';
import { troubleOf } from './logging';
import { runMailboxJob } from './mailbox-jobs';
import { runMailerJob } from './mailer-jobs';
import { readingAhead } from './read-ahead';
import { sessionPool } from './session-pool';

/** Milliseconds that goodbyes to mail servers may take. */
const goodbyeMs = 3_000;

/**
 * Talks with mail servers for the thread that serves HTTP: opens sessions, keeps them, and works on jobs. Whatever a mail server
 * sends is read here, so that one that keeps a thread busy holds up only who is on the same thread.
 */
export function serveThread(port: MessagePort, { config, ledger, row }: ThreadData): void {
  const { sessions, memoryOf } = openRow(ledger, row, {
    bytes: config.memoryMb * 1024 * 1024,
    bytesPerInstallation: config.memoryMbPerInstallation * 1024 * 1024,
  });
  const requestMs = config.requestSeconds * 1_000;
  const poolLimits = {
    sessions: config.sessions,
    sessionsPerInstallation: config.sessionsPerInstallation,
    idleMs: config.sessionIdleSeconds * 1_000,
    ageMs: config.sessionAgeSeconds * 1_000,
  };
  const mailboxes = sessionPool<PooledSession<PartedMailbox>>(poolLimits, sessions);
  const mailers = sessionPool<PooledSession<Mailer>>(poolLimits, sessions);
  const resolve = hostGuard({ allowPrivate: config.allowPrivate, ports: config.ports });
  const deps = { resolve, allowPlaintext: config.allowPlaintext, callMs: requestMs };

  const openMailbox: OpenSession<MailboxSettings, MailboxCredentials, PartedMailbox> = (
    settings,
    credentials,
    { slot },
  ) =>
    pooledSession(memoryOf(slot), (log, memory) =>
      settings.provider === 'pop3'
        ? pop3Mailbox(settings, credentials, { ...deps, log, memory })
        : // Not while the protocol is wanted: each request is to show what was said for it.
          readingAhead(
            imapMailbox(settings, credentials, { ...deps, log, memory }),
            memory,
            () => log.wants?.() !== true,
          ),
    );
  const openMailer: OpenSession<MailerSettings, MailerCredentials, Mailer> = (settings, credentials, { slot }) =>
    pooledSession(memoryOf(slot), (log) =>
      smtpMailer(settings, credentials, {
        ...deps,
        allowRelay: config.allowRelay,
        greetingName: config.greetingName,
        log,
      }),
    );
  const mailboxJobs = { pool: mailboxes, open: openMailbox, requestMs };
  const mailerJobs = { pool: mailers, open: openMailer };

  const post = (message: FromThread, moved: ArrayBuffer[] = []) => port.postMessage(message, moved);
  const talks = new Map<number, ReturnType<typeof openTalk>>();

  async function work(id: number, owner: Owner, job: Job): Promise<void> {
    const opened = openTalk(id, owner, memoryOf(owner.slot), post);
    talks.set(id, opened);
    try {
      if (job.kind === 'mailbox') await runMailboxJob(mailboxJobs, job, opened.talk);
      else await runMailerJob(mailerJobs, job.operation, job.bytes, opened.talk);
    } catch (thrown) {
      const error = toAppError(thrown);
      opened.talk.end({ outcome: error.code, trouble: troubleOf(error) }, null);
    }
  }

  function hear(message: ToThread): void {
    switch (message.type) {
      case 'job':
        void work(message.id, message.owner, message.job);
        break;
      case 'taken':
        talks.get(message.id)?.taken();
        break;
      case 'over':
        talks.get(message.id)?.cancel();
        talks.delete(message.id);
        break;
      case 'ping': {
        const [reading, sending] = [mailboxes.counts(), mailers.counts()];
        const counts = {
          idle: reading.idle + sending.idle,
          busy: reading.busy + sending.busy,
          opened: reading.opened + sending.opened,
        };
        post({ type: 'pong', counts });
        break;
      }
      case 'close': {
        const late = new Promise((over) => setTimeout(over, goodbyeMs).unref());
        void Promise.race([Promise.all([mailboxes.close(), mailers.close()]), late]).then(() =>
          post({ type: 'closed' }),
        );
      }
    }
  }

  port.on('message', hear);
  post({ type: 'ready' });
}
