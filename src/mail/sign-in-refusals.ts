/**
 * What a mail server means by a refused sign-in, for IMAP, POP3 and SMTP alike: `account`: a person has to do something about it,
 * and no other password or way to sign in helps; `passes`: the server's own trouble, or a limit that ends; `password`: user name
 * or password, or, since few servers tell these apart, the way in which they were sent.
 */
export type RefusalMeaning = 'account' | 'passes' | 'password';

/** In the order in which they are asked: "log in via your web browser and then try again" is not a matter of time. */
const table: readonly (readonly [RefusalMeaning, RegExp])[] = [
  // Gmail, iCloud, Yahoo, Mail.ru, QQ and 163: a password made for programs, or a permission given on the web.
  ['account', /web ?browser|web login|app(lication)?[ -](specific )?password|authori[sz]ation code|security code/i],
  ['account', /account is abnormal, service is not open/i],
  ['account', /(imap|pop3?|smtp|account)\b.{0,30}\b(not enabled|not allowed|is disabled)|yet to enable/i],
  // Exchange.
  ['account', /SmtpClientAuth|BasicAuthBlocked|basic auth\w* is (disabled|blocked)|did not meet the criteria/i],
  // Dovecot and Zoho say "temporarily disabled"; Yahoo "Too many bad auth attempts"; Gmail "Account exceeded command or bandwidth limits".
  ['passes', /temporar|too many|try again|again later|\blater\b|rate.?limit|frequency limited|throttl|back.?off/i],
  ['passes', /(command|bandwidth|connection|session|login)s?\b.{0,40}\b(exceeded|limit)|exceeded.{0,30}limits?\b/i],
  ['passes', /maximum (number of )?(\w+ )?(connections|sessions)/i],
  // Exchange's "Server Unavailable. 15", Gmail's "System Error", Dovecot's "Internal login failure", Cyrus' "generic failure".
  ['passes', /unavailable|not available|server error|system error|internal \w*\s?(error|failure)|generic failure/i],
  ['passes', /\bbusy\b|overload|maintenance|shutting down|timed? ?out|out of (memory|resources)|server is down/i],
  // A mailbox that another program has open (RFC 1939 §4).
  [
    'passes',
    /\bin use\b|(maildrop|mailbox|mail drop)\b.{0,20}\block|unable to lock|could ?n.t lock|is locked by|\block (busy|failed)/i,
  ],
  ['account', /(account|mailbox|user|login)\b.{0,30}\b(disabled|suspended|blocked|locked|closed|deactivated|frozen)/i],
  ['account', /password (has |is )?expired|expired password/i],
];

/**
 * The account itself is closed: Exchange "The account is disabled", Gmail "Account disabled", Dovecot and Cyrus "User is disabled". Not
 * "locked", which ends by itself at most servers.
 */
const closed =
  /\bAADSTS50057\b|\b(account|user|mailbox)\b(:| (is|has been|was))?( (currently|permanently))? (disabled|deactivated|suspended|terminated)\b|\b(disabled|deactivated|suspended|terminated) (user |mail |e-?mail )?(account|mailbox|user)\b/i;
/** Words of a protocol, of a way to sign in or of a password: another setting, or a new password, may do. */
const ofTheWay = /\b(imap|pop3?|smtp|basic|protocol|mechanism|password|SmtpClient\w*)\b/i;

/**
 * Whether a server says without a doubt that the account is disabled, so that no other try can help.
 * @param words what the server said, with its codes
 */
export const saysAccountDisabled = (words: string): boolean =>
  closed.test(words) && !ofTheWay.test(words) && meaningOfRefusal(words) !== 'passes';

/** What an administrator is told then. */
export const accountDisabled =
  'The mail server says that this account is disabled. Have it enabled again by whoever runs the server, or enter another account; then enable the connection.';

/** @param words what the server said, with its codes */
export function meaningOfRefusal(words: string): RefusalMeaning {
  return table.find(([, pattern]) => pattern.test(words))?.[0] ?? 'password';
}

/** A sign-in that was refused in one way. */
export interface Refused<T> {
  /** `certainly`: the server does not know, or does not take, this way; `maybe`: user name or password may be wrong as well. */
  ofTheWay: 'certainly' | 'maybe' | 'no';
  refusal: T;
}

const maxRemembered = 1_000;
/** By server, the way that it took after it had refused the one it names first. */
const remembered = new Map<string, string>();

/**
 * Signs in by the first way that the server takes. Some announce one that they refuse, as if the password were wrong; but each wrong
 * password counts, until an account is locked: one other way is tried, and what worked is tried first from then on.
 * @param server host and port
 * @param attempt null when it worked
 * @returns null, or the refusal to tell of
 */
export async function signInBy<W extends string, T>(
  server: string,
  ways: readonly W[],
  attempt: (way: W) => Promise<Refused<T> | null>,
): Promise<T | null> {
  const last = remembered.get(server);
  const sorted = [...ways].sort((a, b) => Number(b === last) - Number(a === last));
  let told: Refused<T> | null = null;
  let doubts = 0;
  for (const way of sorted) {
    const refused = await attempt(way);
    if (refused === null) {
      if (way !== sorted[0]) remember(server, way);
      return null;
    }
    if (told === null || told.ofTheWay === 'certainly') told = refused;
    if (refused.ofTheWay === 'no') return refused.refusal;
    if (refused.ofTheWay === 'maybe') doubts += 1;
    if (doubts > 1) break;
  }
  return told?.refusal ?? null;
}

function remember(server: string, way: string): void {
  if (remembered.size >= maxRemembered) remembered.clear();
  remembered.set(server, way);
}
