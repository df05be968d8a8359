import { cutText } from '../../domain/text';
import { type AddLine, bytesInstead, protocolLogLimits, spokenLine } from '../protocol-log';
import { shownFetch } from './fetch-line';
import type { Credentials } from './settings';

/** Listens to what the library logs. Of a mail only sizes, flags and dates are told. */
export function protocolTap(add: AddLine, credentials: Credentials) {
  const secrets = ['password' in credentials ? credentials.password : credentials.accessToken];
  let isSigningIn = false;

  function hear(entry: unknown): void {
    const fact = (name: string): unknown => Reflect.get(Object(entry), name);
    const [source, words] = [fact('src'), fact('msg')];
    if (typeof words !== 'string') return;
    if (source === 'c') {
      const command = /^\w+ (LOGIN|AUTHENTICATE)\b/i.exec(words);
      if (command !== null) isSigningIn = true;
      else if (/^\w+ [A-Z]/.test(words)) isSigningIn = false;
      // Without a command it goes on with the sign-in: a password, or a string that holds one.
      const shown = isSigningIn ? hiddenSignIn(words) : words;
      add(() => spokenLine('C', shown, secrets));
    } else if (source === 's') add(() => spokenLine('S', shownReply(words), secrets));
  }
  return { hear, isOn: () => add.wants?.() ?? true };
}

/** `A1 LOGIN [hidden]`, `A1 AUTHENTICATE PLAIN [hidden]`: which way is taken is shown, and nothing that is sent with it. */
function hiddenSignIn(words: string): string {
  const [, way] = /^(\w+ (?:LOGIN|AUTHENTICATE [A-Z0-9-]{1,20}))\b/i.exec(words) ?? [];
  return way === undefined ? '[hidden]' : `${way} [hidden]`;
}

/** Replies whose strings are names of folders, or the server's own words. */
const plainReplies =
  /^(\w+|\*|\+) (OK|NO|BAD|BYE|PREAUTH|CAPABILITY|ENABLED|LIST|LSUB|XLIST|STATUS|SEARCH|ESEARCH|FLAGS|ID|NAMESPACE|VANISHED)\b/i;
// To the end where it is not closed: to look for the end from each quote would take a server's long line minutes.
const quoted = /"(?:[^"\\]|\\[\s\S])*\\?(?:"|$)/g;

function shownReply(reply: string): string {
  const words = cutText(reply, protocolLogLimits.rawChars);
  if (/^\* \d+ FETCH\b/i.test(words)) return shownFetch(words);
  if (plainReplies.test(words)) return words;
  return words.replace(quoted, (text) => bytesInstead(text.length - 2));
}
