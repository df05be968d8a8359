import type { CheckReport } from '../domain/ports';
import { redactCut } from '../domain/redact';
import type { MailerCredentials } from '../mail/mailer-wire';
import type { MailboxCredentials, WireError } from '../mail/wire';

/** A server that quotes what it was sent must not have a page show a password: these go out without it. */
export function withoutSecrets(credentials: MailboxCredentials | MailerCredentials) {
  const secrets = Object.values(credentials).filter((value) => typeof value === 'string');
  return {
    error: (error: WireError): WireError =>
      error.detail === undefined ? error : { ...error, detail: redactCut(error.detail, secrets) },
    report: (report: CheckReport): CheckReport => ({
      ...report,
      steps: report.steps.map((step) => ({
        ...step,
        detail: step.detail === null ? null : redactCut(step.detail, secrets),
      })),
    }),
  };
}
