import type { Finding, Probed } from '../domain/diagnosis';
import { diagnosisLimits, gatewayAnswerSeconds } from '../domain/limits';
import type { DiagnosisPorts } from './diagnosis-ports';
import { attention, counted, duration, failed, good, unknown } from './findings';
import { gatewayTexts } from './gateway-trouble';

type Ports = Pick<DiagnosisPorts, 'gateway' | 'fetchesJson' | 'now' | 'remainingMs'>;

/** Milliseconds from which on a round trip makes every poll slow. */
const slowMs = 3_000;

export async function checkGateway({ gateway, now }: Ports): Promise<Finding> {
  const askedAt = now();
  const hello = await gateway.hello();
  if (!hello.ok) {
    const { value, reason, step } = gatewayTexts[hello.trouble];
    const without = 'Mailboxes by IMAP and POP3 are not polled, and nothing is sent by SMTP, until that is over.';
    return failed(`${value} (${hello.detail})`, { reason: `${reason} ${without}`, step });
  }
  const tookMs = now() - askedAt;
  const seen = `Answered after ${duration(tookMs)}, version ${hello.value.version}`;
  if (tookMs < slowMs) return good(seen);
  return attention(seen, {
    reason: 'Every poll waits for such answers, so that mail comes late when there are many mailboxes.',
    step: 'Run this again: the first request may have to wake things up. If it stays, move the gateway nearer to Atlassian’s cloud.',
  });
}

export async function checkBytes({ gateway, fetchesJson }: Ports): Promise<Finding> {
  const [hello, bytes] = await Promise.all([gateway.hello(), gateway.bytes()]);
  // Any server may answer some bytes.
  if (!hello.ok) return seeGateway(hello);
  if (!bytes.ok) return seeGateway(bytes);
  const already = fetchesJson()
    ? 'It fetches mail in JSON already.'
    : 'It changes to that by itself with the next mail.';
  if (isEveryByte(bytes.value)) {
    const binary = 'Binary: all 256 values of a byte come as they were sent';
    return fetchesJson()
      ? good(binary, { reason: 'Letterbox fetches mail in JSON all the same: it was otherwise before.' })
      : good(binary);
  }
  return attention('JSON only: bytes are changed on their way', {
    reason: `Of 256 bytes ${counted(bytes.value.length, 'byte')} came. Letterbox can fetch mail as base64 in JSON instead: nothing is lost, but a third more has to be carried. ${already}`,
  });
}

const isEveryByte = (bytes: Uint8Array): boolean =>
  bytes.length === 256 && bytes.every((value, index) => value === index);

export async function checkTime({ gateway, remainingMs }: Ports): Promise<Finding> {
  const own = `The page’s own function had ${duration(remainingMs())} left when it began.`;
  // All at once: one after the other they would take longer than the platform lets a page wait.
  const [hello, ...holds] = await Promise.all([
    gateway.hello(),
    ...diagnosisLimits.holdSeconds.map(async (seconds) => ({ seconds, answer: await gateway.hold(seconds) })),
  ]);
  if (!hello.ok) return seeGateway(hello);
  const longest = Math.max(0, ...holds.flatMap(({ seconds, answer }) => (answer.ok ? [seconds] : [])));
  const seen = longest === 0 ? 'No answer came that was held back' : `At least ${counted(longest, 'second')}`;
  const cut = holds.flatMap(({ seconds, answer }) => (answer.ok ? [] : [{ seconds, detail: answer.detail }]))[0];
  if (cut === undefined) return good(seen, { reason: own });
  const reason = `A call of ${counted(cut.seconds, 'second')} did not come through (${cut.detail}). ${own}`;
  if (longest >= gatewayAnswerSeconds)
    return good(seen, { reason: `${reason} Letterbox needs ${gatewayAnswerSeconds}.` });
  return (longest === 0 ? failed : attention)(seen, {
    reason: `${reason} Letterbox counts on ${gatewayAnswerSeconds}: large mail and slow mail servers may not get through.`,
    step: `Set GATEWAY_ANSWER_SECONDS to ${Math.max(1, longest - 2)} at the gateway, unless a proxy before it can wait longer.`,
  });
}

/** Nothing is known behind a gateway that does not answer. */
function seeGateway({ trouble, detail }: Extract<Probed<unknown>, { ok: false }>): Finding {
  return unknown('The gateway does not tell', {
    reason: `It was asked, without an answer that helps. ${gatewayTexts[trouble].value} (${detail}).`,
    step: 'Put right what stands under “Gateway” first.',
  });
}
