import { AppError, toAppError } from '../domain/app-error';
import type { TokenUse } from '../domain/oauth-endpoints';
import type { Confirmed, OAuth } from '../domain/oauth-ports';
import type { CheckReport, MailboxAccess, Secrets } from '../domain/ports';
import type { Caller } from './define';

/** What incoming and outgoing connections have in common where they sign in. */
export interface AccountSettings {
  provider: string;
  username: string;
  host?: string;
  encryption?: string;
  credentialId?: string;
}

/** What a form may bring along to sign in with. */
export interface EnteredAccess {
  password?: string | undefined;
  authorizationId?: string | undefined;
}

interface Owner<S extends AccountSettings> {
  id: string;
  settings: S;
}

export interface AccessRulePorts<S extends AccountSettings> {
  secrets: Secrets;
  oauth: OAuth;
  /** Which tokens a provider of this kind of connection uses. */
  tokenUseOf(settings: S): TokenUse;
  /** Every connection of this kind, to see who else uses an account. */
  all(): Promise<readonly Owner<S>[]>;
}

/** The rules by which passwords and sign-ins get into connections, are used for them, and end with them. */
export interface AccessRules<S extends AccountSettings> {
  /**
   * What the form may sign in with. The stored password or sign-in goes only where it was given for: else whoever edits a host
   * or a credential could have it sent to a server of their own.
   * @throws AppError `password-again`, `password-missing`
   */
  accessOf(before: Owner<S> | null, after: S, entered: EnteredAccess): MailboxAccess;
  /**
   * Stores what was entered. Called before the settings are saved that refer to it: a connection must never be there without.
   * @returns when the sign-in ends that the connection has then: the one that was entered, or the one that it had
   */
  keep(before: Owner<S> & Partial<Confirmed>, after: S, entered: EnteredAccess, caller: Caller): Promise<Confirmed>;
  /** Ends what an edit left without use: the password or the tokens of the other way to sign in. Called once the edit is saved. */
  leave(before: Owner<S>, after: S, entered: EnteredAccess): Promise<void>;
  copyPassword(fromId: string, toId: string): Promise<void>;
  /** Ends the tokens of a connection at the provider too, unless another one uses the same account with the same credential. */
  forget(owner: Owner<S>): Promise<void>;
}

export function accessRules<S extends AccountSettings>(ports: AccessRulePorts<S>): AccessRules<S> {
  const { secrets, oauth } = ports;
  return {
    accessOf: (before, after, entered) => {
      // A server that takes mail without a sign-in: no password goes there, whatever the form holds.
      if (!isOAuth(after) && after.username === '') return { connectionId: before?.id ?? null };
      if (before === null) requirePassword(after, entered);
      const isEntered = isOAuth(after) ? entered.authorizationId !== undefined : !!entered.password;
      if (isEntered || before === null) return { connectionId: before?.id ?? null, ...entered };
      if (isSameAccount(before.settings, after)) return { connectionId: before.id };
      if (isOAuth(after)) return { connectionId: null };
      const message =
        'Enter the password again: it was stored for another server or user name, or to be sent encrypted.';
      throw new AppError('password-again', 'input', message, { field: 'password' });
    },

    keep: async (before, after, { password, authorizationId }, { accountId }) => {
      if (isOAuth(after) && authorizationId !== undefined) {
        const { credentialId = '', username: mailbox } = after;
        const use = ports.tokenUseOf(after);
        return oauth.confirm({ authorizationId, accountId, connectionId: before.id, credentialId, use, mailbox });
      }
      if (!isOAuth(after) && password) await secrets.set(before.id, password);
      return { accessEndsAt: isSameAccount(before.settings, after) ? (before.accessEndsAt ?? 0) : 0 };
    },

    leave: async (before, after, { authorizationId }) => {
      if (!isOAuth(before.settings)) {
        if (isOAuth(after)) await secrets.remove(before.id);
        return;
      }
      const isKept = isOAuth(after) && (authorizationId !== undefined || isSameAccount(before.settings, after));
      if (!isKept) await forgetTokens(before);
    },

    copyPassword: async (fromId, toId) => {
      const password = await secrets.get(fromId);
      if (password !== null) await secrets.set(toId, password);
    },

    forget: async (owner) => {
      await secrets.remove(owner.id);
      await forgetTokens(owner);
    },
  };

  async function forgetTokens({ id, settings }: Owner<S>): Promise<void> {
    const { credentialId, username } = settings;
    if (credentialId === undefined) return;
    const isShared = (await ports.all()).some(
      (other) =>
        other.id !== id && other.settings.credentialId === credentialId && other.settings.username === username,
    );
    await oauth.forget({ id, credentialId, use: ports.tokenUseOf(settings), shared: false }, !isShared);
  }
}

const isOAuth = (settings: AccountSettings): boolean => settings.credentialId !== undefined;

/** @throws AppError `password-missing` when somebody signs in with one, and none was entered */
export function requirePassword(settings: AccountSettings, { password }: EnteredAccess): void {
  if (isOAuth(settings) || settings.username === '' || password) return;
  throw new AppError('password-missing', 'input', 'Enter the password.', { field: 'password' });
}

/** The settings of a copy: a sign-in is for one connection, so that one that uses OAuth2 has no account until it is authorized. */
export function withoutSignIn<S extends AccountSettings>(settings: S): S {
  return isOAuth(settings) ? { ...settings, username: '' } : settings;
}

function isSameAccount(before: AccountSettings, after: AccountSettings): boolean {
  if (before.provider !== after.provider || before.username !== after.username) return false;
  if (isOAuth(after)) return before.credentialId === after.credentialId;
  // Nor in clear what was given to be sent encrypted.
  if (after.encryption === 'none' && before.encryption !== 'none') return false;
  return before.host?.toLowerCase() === after.host?.toLowerCase();
}

/**
 * Runs a test of a connection. What fails before any server was asked, such as a sign-in that has run out, is a failed test
 * like another.
 */
export async function reportOf(check: () => Promise<CheckReport>): Promise<CheckReport> {
  try {
    return await check();
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.kind === 'bug') throw error;
    const failed = {
      step: 'sign-in',
      ok: false,
      took: 0,
      message: error.message,
      detail: error.detail ?? null,
    } as const;
    return { ok: false, steps: [failed], messages: null };
  }
}

/** Which secrets a form brought along, for the log of changes. */
export const toldOf = ({ password, authorizationId }: EnteredAccess): Record<string, boolean> => ({
  password: !!password,
  'sign-in': authorizationId !== undefined,
});
