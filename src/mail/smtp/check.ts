import { TLSSocket } from 'node:tls';
import { type AppError, toAppError } from '../../domain/app-error';
import { type CheckReport, type CheckStep, type CheckStepName, checkSteps } from '../../domain/ports';
import { cutText, singleLine } from '../../domain/text';
import type { Session, StepObserver } from './session';
import type { SmtpCredentials, SmtpSettings } from './settings';

/** Walks the steps to the server with a new session, and times them. No mail is begun. */
export async function checkServer(
  settings: SmtpSettings,
  credentials: SmtpCredentials,
  open: (observe: StepObserver) => Promise<Session>,
): Promise<CheckReport> {
  const took = new Map<CheckStepName, number>();
  let lastAt = performance.now();
  const report = (tls: string, problem?: AppError): CheckReport => {
    const steps = checkSteps.flatMap((step): CheckStep[] => {
      const ms = took.get(step);
      const message = step === 'tls' && tls !== '' ? tls : found(step, settings, credentials);
      return ms === undefined ? [] : [{ step, ok: true, took: Math.round(ms), message, detail: null }];
    });
    if (problem === undefined) return { ok: true, steps, messages: null };
    const step = checkSteps.find((name) => name === problem.step) ?? 'connect';
    const failed: CheckStep = {
      step,
      ok: false,
      took: Math.round(performance.now() - lastAt),
      message: problem.message,
      detail: problem.detail ?? null,
    };
    return { ok: false, steps: [...steps.filter((one) => one.step !== step), failed], messages: null };
  };
  try {
    const session = await open((step, ms) => {
      took.set(step, ms);
      lastAt = performance.now();
    });
    return report(describeTls(session.socket()));
  } catch (thrown) {
    return report('', toAppError(thrown));
  }
}

function found(step: CheckStepName, settings: SmtpSettings, credentials: SmtpCredentials): string {
  const isOpen = settings.username === '' || 'none' in credentials;
  const texts: Partial<Record<CheckStepName, string>> = {
    lookup: `The name ${settings.host} was found.`,
    connect: `Connected to port ${settings.port}.`,
    tls: 'The connection is encrypted.',
    'sign-in': isOpen
      ? 'The server answers; it was not asked to sign in anybody.'
      : `Signed in as ${settings.username}.`,
  };
  return texts[step] ?? '';
}

/** Such as "TLSv1.3, smtp.example.com, valid until 2027-01-31"; empty without TLS. */
function describeTls(socket: unknown): string {
  if (!(socket instanceof TLSSocket)) return '';
  const { subject, valid_to: until } = socket.getPeerCertificate();
  const expiry = new Date(until);
  const day = Number.isNaN(expiry.getTime()) ? 'unknown' : expiry.toISOString().slice(0, 10);
  return `${socket.getProtocol() ?? 'TLS'}, ${cutText(singleLine(String(subject?.CN ?? '')), 200) || 'no name'}, valid until ${day}`;
}
