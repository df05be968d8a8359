import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shownFetch } from '../../../src/mail/imap/fetch-line';

const shown: readonly (readonly [what: string, line: string, expected: string])[] = [
  [
    'a listing, as it is',
    '* 12 FETCH (UID 5 FLAGS (\\Seen $Forwarded) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 44827 MODSEQ (65402))',
    '* 12 FETCH (UID 5 FLAGS (\\Seen $Forwarded) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 44827 MODSEQ (65402))',
  ],
  ['the size of a mail', '* 1 FETCH (UID 5 BODY[] "(* 12345B literal *)")', '* 1 FETCH (UID 5 BODY[] [12,345 bytes])'],
  [
    'the size of a part of it',
    '* 1 FETCH (BODY[]<0.1048576> "(* 1048576B literal *)" UID 5)',
    '* 1 FETCH (BODY[]<0.1048576> [1,048,576 bytes] UID 5)',
  ],
  [
    'the size of a mail that comes as a short string',
    '* 1 FETCH (UID 5 BODY[] "Subject: Canary \\"quoted\\" (x) ]")',
    '* 1 FETCH (UID 5 BODY[] [30 bytes])',
  ],
  [
    'which header fields, and their size',
    '* 1 FETCH (UID 5 BODY[HEADER.FIELDS (FROM SUBJECT DATE)] "(* 90B literal *)")',
    '* 1 FETCH (UID 5 BODY[HEADER.FIELDS (FROM SUBJECT DATE)] [90 bytes])',
  ],
  [
    'nothing of an envelope, and what comes after it',
    '* 1 FETCH (ENVELOPE ("Mon, 7 Feb" "Canary UID 7" (("Canary" NIL "canary" "example.org")) NIL) UID 5)',
    '* 1 FETCH (ENVELOPE (…) UID 5)',
  ],
  [
    'nothing of a structure, whose file names say much',
    '* 1 FETCH (UID 5 BODYSTRUCTURE (("text" "plain" ("name" "canary.txt") NIL NIL "7bit" 5 1) "mixed"))',
    '* 1 FETCH (UID 5 BODYSTRUCTURE (…))',
  ],
  ['a mail that is gone', '* 1 FETCH (UID 5 BODY[] NIL)', '* 1 FETCH (UID 5 BODY[] NIL)'],
  ['nothing of labels', '* 1 FETCH (X-GM-LABELS ("Canary" \\Inbox) UID 5)', '* 1 FETCH (X-GM-LABELS (…) UID 5)'],
];

for (const [what, line, expected] of shown) {
  test(`shows ${what}`, () => assert.equal(shownFetch(line), expected));
}

const broken = [
  '* 1 FETCH (UID canary)',
  '* 1 FETCH (FLAGS ("canary text"))',
  '* 1 FETCH (INTERNALDATE "canary")',
  '* 1 FETCH ("canary" "canary")',
  '* 1 FETCH (BODY[canary" text] "canary")',
  '* 1 FETCH (BODY[HEADER.FIELDS ("canary")] "canary")',
  '* 1 FETCH (X-CANARY canary UID 5)',
  '* 1 FETCH (BODY[] "canary)',
  '* 1 FETCH (BODY[] canary canary canary)',
  '* 1 FETCH canary canary',
  '* 1 FETCH (ENVELOPE ("a" ("canary") UID canary',
  '* 1 FETCH',
  '* 1 FETCH (FLAGS (\\Seen) canary@example.org canary)',
];

for (const line of broken) {
  test(`shows no words of a server that keeps to no rules: ${line}`, () => {
    const text = shownFetch(line);
    assert.match(text, /^\* 1 FETCH \(/);
    assert.doesNotMatch(text, /canary/i);
  });
}
