import * as z from 'zod';
import { gatewayResponseBytes } from '../domain/limits';

/**
 * What an answer of the gateway must keep to, since of the platform's way to it is unknown what it carries, and for how long (FORGE.md
 * §5). Stands in the query of a request: a gateway of an older version does not look there.
 */

/** The name of a job that goes on after its call has ended. */
export const ticket = z.string().min(1).max(100);

export const answerForms = ['frames', 'json'] as const;
/** What the answer to `fetch` comes in: see frames.ts. */
export type AnswerForm = (typeof answerForms)[number];

export const answerTerms = z.object({
  form: z.enum(answerForms).default('frames'),
  /** Seconds after which the call is to end, whatever came of it by then. Absent: when the job has ended. */
  wait: z.coerce.number().min(1).max(600).optional(),
  /** Raw mail in the answer to `fetch`, about. */
  bytes: z.coerce.number().int().min(1).max(gatewayResponseBytes).default(gatewayResponseBytes),
  /** Asks for the rest of the answer to an earlier call; the body is the same, but for the mail that `send` brought. */
  ticket: ticket.optional(),
});
export type AnswerTerms = z.output<typeof answerTerms>;

/** The answer, with status 202, of a call that ended before anything came of the job. */
export const notYet = z.strictObject({ ticket });
