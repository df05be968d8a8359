import * as z from 'zod';
import { jsonResponse } from './gate';

/** The platform's report of personal data: which accounts an app stores, and which of them it has to erase or fetch anew. */
export interface AccountReports {
  handle(method: string, text: string): Response;
  /** Accounts of each report that was taken, in order. */
  reports: { accountId: string; updatedAt: string }[][];
  /** What reports hear of an account from now on. */
  setStatus(accountId: string, status: 'closed' | 'updated'): void;
}

/** User privacy guide for app developers: 1 to 128 letters, digits, `-` and `:`; up to 90 accounts; times as in RFC 3339. */
const reportShape = z.strictObject({
  accounts: z
    .array(
      z.strictObject({
        accountId: z
          .string()
          .regex(/^[a-zA-Z0-9:-]{1,128}$/)
          .refine((id) => id !== 'unknown'),
        updatedAt: z.iso.datetime({ offset: true }),
      }),
    )
    .min(1)
    .max(90),
});

export function createAccountReports(): AccountReports {
  const reports: AccountReports['reports'] = [];
  const statuses = new Map<string, 'closed' | 'updated'>();
  const malformed = (errorMessage: string) => jsonResponse(400, { errorType: 'BAD_REQUEST', errorMessage });
  return {
    reports,
    setStatus: (accountId, status) => void statuses.set(accountId, status),
    handle: (method, text) => {
      if (method !== 'POST') return jsonResponse(405, { errorType: 'METHOD_NOT_ALLOWED', errorMessage: method });
      const parsed = reportShape.safeParse(JSON.parse(text || 'null'));
      if (!parsed.success) return malformed(z.prettifyError(parsed.error));
      const { accounts } = parsed.data;
      reports.push(accounts);
      const answer = accounts.flatMap(({ accountId }) => {
        const status = statuses.get(accountId);
        return status === undefined ? [] : [{ accountId, status }];
      });
      return answer.length === 0 ? new Response(null, { status: 204 }) : jsonResponse(200, { accounts: answer });
    },
  };
}
