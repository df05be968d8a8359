import type { AppError } from '../domain/app-error';
import type { CheckReport } from '../domain/ports';
import { checkReport } from './check-report';
import type { HttpDeps, HttpReply } from './http';

/**
 * The report on a way out over HTTPS, from a call that can't send: `empty` posts a mail of no bytes. A provider looks at the
 * token before it looks at the mail, so the refusal that is due shows that the access is right.
 */
export async function checkAccess(
  host: string,
  deps: HttpDeps,
  empty: () => Promise<HttpReply>,
  refusal: (reply: HttpReply) => AppError,
): Promise<CheckReport> {
  const report = await checkReport(async (steps) => {
    await steps.signIn(host, deps, async () => {
      const reply = await empty();
      const error = refusal(reply);
      if (reply.status !== 400 || error.kind === 'access') throw error;
    });
    steps.found('The account may send.');
    return { total: 0, unread: 0 };
  });
  return { ...report, messages: null };
}
