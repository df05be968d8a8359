/**
 * The English names are the only ones that RFC 5322 §3.3 knows; programs write the others all the same (German, French, Spanish,
 * Italian, Portuguese, Dutch). By their first three letters, or four where three are not enough.
 */
const months: readonly (readonly string[])[] = [
  ['jan', 'jän', 'ene', 'gen'],
  ['feb', 'fév', 'fev'],
  ['mar', 'mär', 'mrz', 'maa', 'mrt'],
  ['apr', 'avr', 'abr'],
  ['may', 'mai', 'mag', 'mei'],
  ['jun', 'juin', 'giu'],
  ['jul', 'juil', 'lug'],
  ['aug', 'aoû', 'aou', 'ago'],
  ['sep', 'set'],
  ['oct', 'okt', 'ott', 'out'],
  ['nov'],
  ['dec', 'dez', 'déc', 'dic'],
];

/**
 * Hours that zones are ahead of UTC: those of RFC 5322 §4.3, and names that mean one zone only. Any other name, and a military letter,
 * means no more than UTC.
 */
const zones = new Map(
  Object.entries({
    ...{ edt: -4, est: -5, cdt: -5, cst: -6, mdt: -6, mst: -7, pdt: -7, pst: -8, akst: -9, akdt: -8, hst: -10 },
    ...{ cet: 1, cest: 2, mez: 1, mesz: 2, eet: 2, eest: 3, msk: 3, jst: 9, aest: 10, aedt: 11 },
  }),
);

const clock = /(?<![\d:])(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,]\d{1,9})?)?[ \t]*([ap]\.?m\b)?/i;
/** "10.00.00", as Italian and Finnish programs write it; looked for where no other time stands. */
const dottedClock = /(?<![\d.])(\d{1,2})\.(\d{2})\.(\d{2})(?![\d.])/;
const zone =
  /^[ \t]*(?:gmt|utc?|z)?[ \t]*(?:([+-]?)[ \t]?(\d{2}):?(\d{2})(?!\d)|([+-])(\d{1,2})(?!\d))|^[ \t]*([a-z]{1,5})\b/;

/**
 * Epoch milliseconds of a Date field; null if it is no date, or one that no mail can bear. A date without a zone is in UTC,
 * never in the zone of the machine that reads it.
 */
export function readDate(value: string | undefined): number | null {
  if (value === undefined) return null;
  const text = value
    .slice(0, 300)
    .replace(/\([^()]*\)|["'\\]/g, ' ')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .toLowerCase();
  const time = clock.exec(text) ?? dottedClock.exec(text);
  const behind = time === null ? '' : text.slice(time.index + time[0].length);
  const day = dayIn(time === null ? text : `${text.slice(0, time.index)} ${withoutZone(behind)}`);
  if (day === null) return null;
  const hour = hourOf(time);
  const [minute, second] = [Number(time?.[2] ?? 0), Number(time?.[3] ?? 0)];
  if (hour > 23 || minute > 59 || second > 60) return null;
  const at = Date.UTC(day.year, day.month, day.day, hour, minute, second) - offsetOf(behind) * 60_000;
  return at > 0 && at < Date.UTC(2200, 0) ? at : null;
}

function hourOf(time: RegExpExecArray | null): number {
  const hour = Number(time?.[1] ?? 0);
  const half = time?.[4]?.[0];
  return half === undefined || hour > 12 ? hour : (hour % 12) + (half === 'p' ? 12 : 0);
}

/** Minutes ahead of UTC. */
function offsetOf(text: string): number {
  const [, sign, hours, minutes, shortSign, shortHours, name] = zone.exec(text) ?? [];
  if (name !== undefined) return (zones.get(name) ?? 0) * 60;
  const offset = Number(hours ?? shortHours ?? 0) * 60 + Number(minutes ?? 0);
  // Four digits that are no offset are a year: "Mon Jan 15 10:00:00 2024".
  if (offset > 15 * 60 || Number(minutes ?? 0) > 59) return 0;
  return (sign ?? shortSign) === '-' ? -offset : offset;
}

/** What may hold a year behind the time; "+0100" holds none. */
function withoutZone(text: string): string {
  return text.replace(/^[ \t]*[a-z]*[ \t]*[+-][ \t]?\d{1,2}(:?\d{2})?/, ' ');
}

interface Day {
  year: number;
  month: number;
  day: number;
}

const patterns: readonly (readonly [RegExp, (parts: readonly string[]) => readonly [string, string, string]])[] = [
  // 15 Jan 2024, 15. Januar 2024, 15-Jan-24
  [
    /(?<!\d)0?(\d{1,2})(?:st|nd|rd|th)?[.\s-]{0,4}(?:de\s+)?(\p{L}{3,12})[.,\s-]{1,4}(?:de\s+)?(\d{2,4})(?!\d)/u,
    ([d, m, y]) => [y ?? '', m ?? '', d ?? ''],
  ],
  // Jan 15 2024, January 15, 2024; the time may stand before the year
  [
    /(\p{L}{3,12})[.\s-]{1,4}(\d{1,2})(?:st|nd|rd|th)?(?!\d)[,\s-]{1,8}(?:[a-z]{1,5}\s+)?(\d{4})(?!\d)/u,
    ([m, d, y]) => [y ?? '', m ?? '', d ?? ''],
  ],
  // 2024-01-15, 2024/01/15
  [/(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)/, ([y, m, d]) => [y ?? '', m ?? '', d ?? '']],
  // 15.01.2024
  [/(?<!\d)(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?!\d)/, ([d, m, y]) => [y ?? '', m ?? '', d ?? '']],
  // 01/15/2024, and 15/01/2024 where that is no month
  [
    /(?<!\d)(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?!\d)/,
    ([m, d, y]) => (Number(m) > 12 ? [y ?? '', d ?? '', m ?? ''] : [y ?? '', m ?? '', d ?? '']),
  ],
];

function dayIn(text: string): Day | null {
  for (const [pattern, order] of patterns) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const [year, month, day] = order(match.slice(1));
    const found = { year: fullYear(year), month: monthOf(month), day: Number(day) };
    if (found.month >= 0 && exists(found)) return found;
  }
  return null;
}

/** RFC 5322 §4.3: two digits below 50 are of this century, three digits are years since 1900. */
function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length === 4) return year;
  return digits.length === 2 && year < 50 ? 2_000 + year : 1_900 + year;
}

function monthOf(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number)) return number - 1;
  // Finnish November begins as March does.
  if (text.startsWith('marras')) return 10;
  return months.findIndex((names) => names.some((name) => text.startsWith(name)));
}

function exists({ year, month, day }: Day): boolean {
  const date = new Date(Date.UTC(year, month, day));
  return month <= 11 && date.getUTCMonth() === month && date.getUTCDate() === day;
}
