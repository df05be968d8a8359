import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayOf, startOfDay } from '../../static/shared/calendar-day';

const utc = (text: string) => Date.parse(`${text}Z`);

for (const [timeZone, day, begins] of [
  ['UTC', '2026-11-20', '2026-11-20T00:00:00'],
  ['Asia/Tokyo', '2026-11-20', '2026-11-19T15:00:00'],
  ['America/Los_Angeles', '2026-11-20', '2026-11-20T08:00:00'],
  ['Asia/Kathmandu', '2026-11-20', '2026-11-19T18:15:00'],
  ['Pacific/Kiritimati', '2026-11-20', '2026-11-19T10:00:00'],
  // The clocks change within the day.
  ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00'],
  ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00'],
  // They change at midnight, which was left out, or came twice.
  ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00'],
  ['America/Havana', '2026-11-01', '2026-11-01T04:00:00'],
] as const) {
  test(`${day} begins in ${timeZone} at ${begins} UTC`, () => {
    const start = startOfDay(day, timeZone);
    assert.equal(start, utc(begins));
    assert.equal(dayOf(start ?? 0, timeZone), day);
    assert.notEqual(dayOf((start ?? 0) - 1, timeZone), day);
  });
}

test('a moment has the day that the calendar on the wall shows', () => {
  assert.equal(dayOf(utc('2026-11-20T15:30:00'), 'Asia/Tokyo'), '2026-11-21');
  assert.equal(dayOf(utc('2026-11-20T15:30:00'), 'America/New_York'), '2026-11-20');
});

test('what is no day has no beginning', () => {
  for (const text of ['', '2026-02-30x', '20260101', '2026-13-01', 'soon']) assert.equal(startOfDay(text, 'UTC'), null);
});
