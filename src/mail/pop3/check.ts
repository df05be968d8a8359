import { toAppError } from '../../domain/app-error';
import { type CheckReport, type CheckStep, type CheckStepName, checkSteps } from '../../domain/ports';
import type { Pop3Connection } from './connection';
import { serverWords } from './errors';
import { quit, type Session } from './session';
import type { Pop3Settings } from './settings';
import { takeSnapshot } from './snapshot';

type Observe = (step: CheckStepName, connection?: Pop3Connection) => void;

/** Walks the steps to the mailbox with a new session, and times them. */
export async function checkMailbox(
  settings: Pop3Settings,
  open: (observe: Observe) => Promise<Session>,
): Promise<CheckReport> {
  const steps: CheckStep[] = [];
  let step: CheckStepName = 'lookup';
  let startedAt = performance.now();
  const took = () => Math.round(performance.now() - startedAt);
  const texts: Record<CheckStepName, string> = {
    lookup: `The name ${settings.host} was found.`,
    connect: `Connected to port ${settings.port}.`,
    tls: 'The connection is encrypted.',
    'sign-in': `Signed in as ${settings.username}.`,
    folder: 'POP3 has one folder: the inbox.',
    count: '',
  };
  const finish = (next: CheckStepName | null) => {
    steps.push({ step, ok: true, took: took(), message: texts[step], detail: null });
    startedAt = performance.now();
    step = next ?? step;
  };
  let session: Session | undefined;
  try {
    session = await open((next, connection) => {
      if (connection !== undefined) texts.tls = describeTls(connection) || texts.tls;
      if (next !== step) finish(next);
    });
    texts.tls = describeTls(session.connection) || texts.tls;
    finish('folder');
    finish('count');
    session.connection.beginStep('count');
    const total = (await takeSnapshot(session)).handles.length;
    await quit(session);
    texts.count = `${total} messages. POP3 does not tell which of them were read.`;
    finish(null);
    return { ok: true, steps, messages: { total, unread: null } };
  } catch (thrown) {
    session?.connection.drop();
    const error = toAppError(thrown);
    const failed = checkSteps.find((name) => name === error.step) ?? step;
    // The greeting belongs to connecting, also where TLS came before it: a step is not told twice.
    const again = steps.findIndex((one) => one.step === failed);
    if (again !== -1) steps.splice(again);
    steps.push({ step: failed, ok: false, took: took(), message: error.message, detail: error.detail ?? null });
    return { ok: false, steps, messages: null };
  }
}

/** Such as "TLSv1.3, pop.example.com, valid until 2027-01-31"; empty without TLS. */
function describeTls({ secured }: Pop3Connection): string {
  if (secured === null) return '';
  const { subject, valid_to: until } = secured.getPeerCertificate();
  const expiry = new Date(until);
  const day = Number.isNaN(expiry.getTime()) ? 'unknown' : expiry.toISOString().slice(0, 10);
  return `${secured.getProtocol() ?? 'TLS'}, ${serverWords(String(subject?.CN ?? '')) ?? 'no name'}, valid until ${day}`;
}
