import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseLines as parse } from './parse-lines';

/** "Name <address>" for each person of a header. */
const peopleIn = async (header: string) =>
  (await parse(`To: ${header}`, '', '')).to.map(({ name, address }) => `${name} <${address}>`);

describe('people of a header', () => {
  for (const [header, ...expected] of [
    ['bo@example.com', ' <bo@example.com>'],
    ['Bo <bo@example.com>', 'Bo <bo@example.com>'],
    ['bo@example.com (Bo Example)', 'Bo Example <bo@example.com>'],
    ['bo@example.com (bo@example.com)', ' <bo@example.com>'],
    ['Bo Example <bo(home)@example.com(host)>', 'Bo Example <bo@example.com>'],
    ['bo (home) @ (at) example.com', 'home at <bo@example.com>'],
    ['Bo <@relay.example.net:bo@example.com>', 'Bo <bo@example.com>'],
    ['Bo <@a.example,@b.example:bo@example.com>', 'Bo <bo@example.com>'],
    ['Bo <<bo@example.com>>', 'Bo <bo@example.com>'],
    ['<bo@example.com> Bo', 'Bo <bo@example.com>'],
    ['Bo <bo@example.com.>', 'Bo <bo@example.com>'],
    ['bo@example.com.', ' <bo@example.com>'],
    ['Bo <mailto:bo@example.com>', 'Bo <bo@example.com>'],
    ["Bo <'bo@example.com'>", 'Bo <bo@example.com>'],
    ['Bo <"bo"@example.com>', 'Bo <bo@example.com>'],
    ['Bo <bo@example.com', 'Bo <bo@example.com>'],
    ['Bo < bo@example.com >', 'Bo <bo@example.com>'],
    ['bo@example.com Bo Example', 'Bo Example <bo@example.com>'],
    ['Doe, John <john@example.com>', 'Doe, John <john@example.com>'],
    ['Doe, John, Jr. <john@example.com>, a@example.com', 'Doe, John, Jr. <john@example.com>', ' <a@example.com>'],
    ['ACME, Inc. <info@acme.example>; b@example.com', 'ACME, Inc. <info@acme.example>', ' <b@example.com>'],
    ['"Doe, John" <john@example.com>', 'Doe, John <john@example.com>'],
    ['"Doe, John <john@example.com>', 'Doe, John <john@example.com>'],
    ['=?utf-8?Q?Doe,_John?= <john@example.com>', 'Doe, John <john@example.com>'],
    ['=?utf-8?Q?a=40b.example,?= <john@example.com>', 'a@b.example <john@example.com>'],
    ['=?utf-8?B?Qm8=?= <=?utf-8?B?Ym8=?=@example.com>', 'Bo <bo@example.com>'],
    ['"boss@corp.example" <eve@example.com>', 'boss@corp.example <eve@example.com>'],
    ['a@example.com, b@example.com', ' <a@example.com>', ' <b@example.com>'],
    ['a@example.com; b@example.com;', ' <a@example.com>', ' <b@example.com>'],
    ['a@example.com b@example.com', ' <a@example.com>', ' <b@example.com>'],
    ['A <a@example.com> B <b@example.com>', 'A <a@example.com>', 'B <b@example.com>'],
    ['A <a@example.com, B <b@example.com>', 'A <a@example.com>', 'B <b@example.com>'],
    [',, a@example.com,,', ' <a@example.com>'],
    ['Team: a@example.com, Bo <b@example.com>;', ' <a@example.com>', 'Bo <b@example.com>'],
    ['Team: a@example.com; other@example.com', ' <a@example.com>', ' <other@example.com>'],
    ['undisclosed-recipients:;', 'undisclosed-recipients <>'],
    ['Undisclosed recipients: ;', 'Undisclosed recipients <>'],
    ['"Bounce" <example.com bounce@example.com>', 'Bounce example.com bounce@example.com <>'],
    ['Eve <eve@a@example.com>', 'Eve eve@a@example.com <>'],
    ['Eve <=?utf-8?Q?eve=40evil.example?=@example.com>', 'Eve eve@evil.example@example.com <>'],
    ['"ann bo"@example.com', 'ann bo@example.com <>'],
    ['CN=Ann Bo/O=Acme@Acme', 'CN=Ann Bo/O=Acme@Acme <>'],
    ['/CN=Bo/O=Acme/@example.com', ' </CN=Bo/O=Acme/@example.com>'],
    ['Ann Bo [mailto:bo@example.com]', 'Ann Bo <bo@example.com>'],
    ['Ann Bo [bo@example.com]', 'Ann Bo <bo@example.com>'],
    ['bo@[192.0.2.1]', 'bo@[192.0.2.1] <>'],
    ['MAILER-DAEMON', 'MAILER-DAEMON <>'],
    ['<>'],
    [''],
  ] as const) {
    test(header === '' ? 'nobody' : header, async () => assert.deepEqual(await peopleIn(header), expected));
  }
});
