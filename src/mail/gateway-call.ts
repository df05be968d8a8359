import { gatewayAnswerSeconds, gatewayCallsPerJob } from '../domain/limits';
import { type AnswerTerms, notYet } from './answer-terms';
import { gatewayStatusError, gatewayUnavailable } from './gateway-answer';

export interface GatewayReply {
  status: number;
  bytes: Uint8Array;
}

/** Posts to a path of the gateway: a string is JSON, bytes go as they are. Throws only when no answer came. */
export type Post<Body> = (path: string, body: Body) => Promise<GatewayReply>;

export interface GatewayQuestion<Body> {
  path: string;
  body: Body;
  /** Sent in the calls after the first, where that need not say all again. */
  rest?: Body;
  terms?: Pick<AnswerTerms, 'form' | 'bytes' | 'ticket'>;
  /** What it asks for may have been done although no answer came. */
  hasEffect: boolean;
}

/**
 * The gateway's answer, whatever its status, in as many calls as the job takes: each ends within `gatewayCallMs`.
 * @throws AppError `gateway-unavailable` when none came; what a status means that leaves open whether the job had its effect
 */
export async function askGateway<Body>(post: Post<Body>, question: GatewayQuestion<Body>): Promise<GatewayReply> {
  const { path, body, rest = body, terms, hasEffect } = question;
  let ticket = terms?.ticket;
  for (let calls = 0; calls < gatewayCallsPerJob; calls += 1) {
    const query = new URLSearchParams({ wait: String(gatewayAnswerSeconds) });
    if (terms !== undefined) query.set('form', terms.form);
    if (terms !== undefined) query.set('bytes', String(terms.bytes));
    if (ticket !== undefined) query.set('ticket', ticket);
    let reply: GatewayReply;
    try {
      reply = await post(`${path}?${query}`, calls === 0 ? body : rest);
    } catch (cause) {
      throw gatewayUnavailable('The gateway could not be reached.', { cause, uncertain: hasEffect });
    }
    if (calls > 0 && hasEffect && reply.status !== 200 && reply.status !== 202)
      throw gatewayStatusError(reply.status, hasEffect, true);
    if (reply.status !== 202) return reply;
    ticket = ticketOf(reply, hasEffect);
  }
  throw gatewayUnavailable('The gateway did not come to an end.', { uncertain: hasEffect });
}

function ticketOf({ bytes }: GatewayReply, hasEffect: boolean): string {
  try {
    return notYet.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))).ticket;
  } catch (cause) {
    const what = 'The gateway answered something that this version of Letterbox does not understand.';
    throw gatewayUnavailable(what, { cause, uncertain: hasEffect });
  }
}
