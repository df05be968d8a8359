import type { GatewayProbe, GatewayTrouble, Probed } from '../domain/diagnosis';
import { hello, type TokenFault, tokenRefusal } from './diagnosis-wire';
import type { GatewayReply } from './gateway-call';
import type { PostToGateway } from './gateway-client';

/** Milliseconds that a question takes whose answer is not held back. */
const answerMs = 8_000;
/** Milliseconds that an answer which was held back may take on its way. */
const wayMs = 2_000;

/** Asks the gateway about itself. @param gatewayIn posts to the gateway, within so many milliseconds */
export function gatewayProbe(gatewayIn: (ms: number) => PostToGateway): GatewayProbe {
  async function ask<T>(path: string, body: object, ms: number, read: (bytes: Uint8Array) => T): Promise<Probed<T>> {
    let reply: GatewayReply;
    try {
      reply = await gatewayIn(ms)(`/v1/diagnosis/${path}`, JSON.stringify(body));
    } catch (thrown) {
      return { ok: false, ...unanswered(thrown), at: null };
    }
    if (reply.status !== 200) return refused(reply);
    try {
      return { ok: true, value: read(reply.bytes) };
    } catch {
      return { ok: false, trouble: 'stranger', detail: 'an answer that is none of a gateway', at: null };
    }
  }

  return {
    hello: () => ask('hello', {}, answerMs, (bytes) => hello.parse(JSON.parse(Buffer.from(bytes).toString()))),
    bytes: () => ask('bytes', {}, answerMs, (bytes) => bytes),
    hold: (seconds) => ask('hold', { seconds }, seconds * 1_000 + wayMs, () => null),
  };
}

/**
 * What the platform's proxy threw, or our timer. The codes of the proxy are not published (FORGE.md §1), so that they are understood by
 * the words in them; one that says nothing is told as it is.
 */
function unanswered(thrown: unknown): { trouble: GatewayTrouble; detail: string } {
  const said = (name: string) => String(Reflect.get(Object(thrown), name) ?? '');
  const status = said('status');
  const code = said('errorCode');
  const detail = [status, code].filter((word) => word !== '').join(' ') || 'nothing came back';
  const words = `${code} ${said('message')}`;
  if (/TLS|SSL|CERT/i.test(words)) return { trouble: 'tls', detail };
  if (status === '504' || /TIME.?(D_)?OUT|within/i.test(words)) return { trouble: 'timeout', detail };
  return { trouble: 'unreachable', detail };
}

const troubleOf: Readonly<Record<TokenFault, GatewayTrouble>> = {
  audience: 'audience',
  time: 'token-time',
  other: 'token',
  keys: 'keys',
};

function refused({ status, bytes }: GatewayReply): Probed<never> {
  const detail = `HTTP ${status}`;
  const refusal = tokenRefusal.safeParse(parsed(bytes));
  if (refusal.success) return { ok: false, trouble: troubleOf[refusal.data.fault], detail, at: refusal.data.at };
  const trouble = status === 401 ? 'token' : status === 429 ? 'busy' : status === 504 ? 'timeout' : 'failed';
  return { ok: false, trouble: status < 500 && trouble === 'failed' ? 'stranger' : trouble, detail, at: null };
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return null;
  }
}
