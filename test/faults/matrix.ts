import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';

/**
 * What may go wrong on the way from a mailbox to an issue, part by part, and what is expected then. Everywhere: nothing lost,
 * nothing doubled, healthy at the next poll. A group's tests stand in the file of its name; one without its test does not compile.
 */
export const matrix = {
  imap: {
    'the connection is cut in a FETCH literal': 'no partial message, transient',
    'the connection is reset in a FETCH literal': 'no partial message, transient',
    'the connection stalls in a FETCH literal': 'no partial message, transient',
    'BYE as greeting': 'transient',
    'BYE after the sign-in': 'transient',
    'BYE in the middle of a session': 'transient',
    'garbage as greeting': 'transient',
    'no greeting': 'transient',
    '1 byte a second from the greeting on': 'our deadline fires',
    '1 byte a second in a FETCH literal': 'our deadline fires',
    'a literal of 900 MB is announced': 'refused and quarantined, never blocks the mailbox',
    'SIZE says too little': 'what is too large is refused and quarantined, what is not comes whole',
    'SIZE says 900 MB': 'quarantined without a download, never blocks the mailbox',
    'wrong password': 'access: suspended after the third in ten minutes, others unaffected',
    'certificate error': 'access: suspended after the third in ten minutes, others unaffected',
    'EXPUNGE done, its reply lost': 'one issue, nothing left',
    'read-only server': 'one issue, warning',
    'no UIDPLUS, with foreign \\Deleted': 'one issue, foreign mail never expunged, warning',
    'UIDVALIDITY changed': 'no new issues, the right message settled',
    'UIDVALIDITY missing': 'no new issues, the right message settled',
    'unsolicited EXPUNGE in the middle of a run': 'no new issues, the right message settled',
    'message gone between list and fetch': 'no new issues, the right message settled',
    '10,000 waiting': 'oldest first, budget kept, order kept',
  },
  pop3: {
    'the connection drops after DELE': 'one issue, deleted by a later poll',
    'the reply to QUIT is lost': 'one issue',
    'no UIDL': 'one issue',
    'duplicate UIDL': 'one issue each',
    'UIDL of 10 KB': 'one issue',
    'missing terminator': 'no truncated message accepted',
    'LF only': 'no truncated message accepted',
    'mailbox locked': 'transient',
  },
  http: {
    '401 mid-run': 'one refresh, and the run goes on',
    invalid_grant: 'suspended, others unaffected',
    "rotated token can't be stored": 'not used, and renewed by the next poll',
    'two refreshes at once': 'one refresh',
    '429 with Retry-After in seconds': 'remembered as notBefore',
    '429 with Retry-After as a date': 'remembered as notBefore',
    '429 without Retry-After': 'backs off',
    '429 with Retry-After of one day': 'remembered as notBefore',
    '503 with Retry-After in seconds': 'remembered as notBefore',
    '503 with Retry-After as a date': 'remembered as notBefore',
    '503 without Retry-After': 'backs off',
    '503 with Retry-After of one day': 'remembered as notBefore',
    '429 with Retry-After of a second on a part of a batch': 'within budget',
    '429 with Retry-After of one day in the middle of a run': 'remembered as notBefore',
    '500': 'never "no messages"',
    '504': 'never "no messages"',
    'HTML with 200': 'never "no messages"',
    'cut JSON with 200': 'never "no messages"',
    '500 in the middle of a run': 'one issue each',
    '504 after the effect, in the middle of a run': 'one issue each',
    'HTML with 200 in the middle of a run': 'one issue each',
    'an answer that is cut in the middle of a run': 'one issue each',
    'repeating page link': 'never "no messages", within budget',
    '404 on delete': 'success',
    '404 at a download': 'asked for again, one issue',
    '404 at a download, twice': 'gone, and shown',
  },
  years: {
    'the same mailbox after 400 days with new UIDVALIDITY': 'new mail taken, old mail not doubled',
    'the host is renamed after 400 days': 'new mail taken, old mail not doubled',
    'a move that is refused, and new UIDVALIDITY after 100 days': 'new mail taken, old mail not doubled',
    'the provider forgets its history after 400 days': 'new mail taken, old mail not doubled',
    'the provider forgets its history at once': 'nothing known is downloaded again',
  },
  jira: {
    'create answers 429': 'created later, once',
    'create times out without effect': 'probed, then created',
    'create times out with effect': 'probed, then adopted',
    'create answers 400: a field': 'the connection is flagged, mail stays',
    'create answers 400: the project is gone': 'the connection is flagged, mail stays',
    'create answers 413': 'this message is given up, mail stays',
    'an attachment answers 500': 'only the failed step is retried',
    'the issue is deleted later': 'not created again',
    "the issue that was made can't be seen": 'the connection is flagged, mail stays, nothing is made again',
    'attachments are refused': 'suspends nobody, mail stays until they are allowed, and gets what is missing',
    'attachments answer 404 although the issue is there': 'suspends nobody, mail stays, and gets what is missing',
    'no file is taken, not even the mail that says the rest': 'said at the issue, mail stays',
    'answers get lost, and search shows nothing': 'no third issue, mail stays and is shown',
  },
  remote: {
    'answers are carried as text': 'mail comes whole, as JSON',
    'answers of more than 300 KB are refused': 'mail comes whole, in smaller pieces',
    'answers are cut off after 300 KB': 'mail comes whole, in smaller pieces',
    'calls end after three seconds, a mail takes longer by IMAP': 'mail comes whole, each byte is fetched once',
    'calls end after three seconds, a mail takes longer by POP3': 'mail comes whole, each byte is fetched once',
  },
  silence: {
    'Jira never answers a create that it did': 'probed, then adopted',
    'Jira never answers a create that it did not do': 'probed, then created',
    'Jira never answers an attachment that it took': 'one issue with one file',
    'the gateway never answers a listing': 'transient',
    'the gateway never answers a download': 'asked for again, in smaller pieces',
    'the gateway never answers a deletion that it did': 'one issue, nothing left',
    'the storage never answers the claim of a mail': 'one issue, later',
    'the queue never answers a push': 'pushed again, one issue',
    'Gmail never answers': 'transient',
    'Graph never answers': 'transient',
    "Google's sign-in service never answers": 'transient',
  },
  store: {
    'a write or read of KVS fails at every step': 'nothing lost, nothing doubled',
    'kill at every step': 'nothing lost, nothing doubled',
    'kill at every two steps': 'nothing lost, nothing doubled',
    'two runs at once': 'nothing lost, nothing doubled',
    'holder paused past its time': 'creates nothing any more',
    'the clock is an hour ahead': 'a claim that lives is not taken over',
    'the clock is an hour behind': 'a dead claim is taken over in time',
    'connection edited in the middle of a run': 're-read before each message',
    'connection deleted in the middle of a run': 're-read before each message',
    'old receipt format': 'readable',
  },
  mime: {
    '300 levels': 'bounded time, raw .eml attached',
    '200,000 parts': 'bounded time, raw .eml attached',
    '3 MB of headers': 'bounded time, raw .eml attached',
    unparsable: 'raw .eml attached, no crash loop',
  },
  copies: {
    'same Message-ID, different content': 'two issues',
    'byte-identical copy': 'one issue',
    'same mail to two connections': 'one issue each',
  },
  loops: {
    'automatic reply': 'never answered',
    bounce: 'never answered',
    'mail of a list': 'never answered',
    'our own notification': 'never an issue',
    'our own notification, sent and read through the account of a provider': 'never an issue',
    'ping-pong between two connections': 'ends',
  },
} as const;

type Matrix = typeof matrix;
type Run = (context: TestContext) => Promise<void>;
/** A test of this name in another file of the repository already shows it. */
export interface Elsewhere {
  file: string;
  name: string;
}

/** Makes a test of each part of a group, named after it. */
export function faultTests<G extends keyof Matrix>(
  group: G,
  tests: Readonly<Record<keyof Matrix[G] & string, Run | Elsewhere>>,
): void {
  const expected: Readonly<Record<string, string>> = matrix[group];
  for (const [fault, run] of Object.entries<Run | Elsewhere>(tests)) {
    test(`${fault}: ${expected[fault]}`, async (context) => {
      if (typeof run === 'function') return run(context);
      const text = readFileSync(new URL(`../../${run.file}`, import.meta.url), 'utf8');
      const titles = text.match(/\btest\(\s*['`].*/g) ?? [];
      assert.ok(
        titles.some((title) => title.includes(run.name)),
        `${run.file}: ${run.name}`,
      );
    });
  }
}
