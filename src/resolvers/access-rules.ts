import { AppError, toAppError } from '../domain/app-error';
import type { CredentialSettings } from '../domain/credential';
import { newSecretId, type SecretOwner, secretIdOf, storedAccess } from '../domain/entity';
import type { TokenUse } from '../domain/oauth-endpoints';
import type { Confirmed, Credentials, OAuth } from '../domain/oauth-ports';
import { type CheckReport, checkSteps, type MailboxAccess, type SecretChanges, type Secrets } from '../domain/ports';
import { changingSecret, isRefusal } from '../domain/secret-change';
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

interface Owner<S extends AccountSettings> extends SecretOwner {
  settings: S;
}

export interface AccessRulePorts<S extends AccountSettings> {
  secrets: Secrets;
  secretChanges: SecretChanges;
  oauth: OAuth;
  /** Which tokens a provider of this kind of connection uses. */
  tokenUseOf(settings: S): TokenUse;
  /** Connections, in and out, that use one of these credentials and pass: to see who else uses an account. */
  users(
    credentialIds: readonly string[],
    uses: (connection: { id: string; settings: AccountSettings }) => boolean,
  ): Promise<readonly { id: string }[]>;
  credentials: Pick<Credentials, 'list'>;
}

/** What a saved connection has of what it signs in with. */
export type SavedAccess = Confirmed & Pick<SecretOwner, 'secretId'>;

/** The rules by which passwords and sign-ins get into connections, are used for them, and end with them. */
export interface AccessRules<S extends AccountSettings> {
  /**
   * What the form may sign in with. The stored password or sign-in goes only where it was given for: else whoever edits a host
   * or a credential could have it sent to a server of their own. A sign-in is used by whoever began it alone.
   * @throws AppError `password-again`, `password-missing`, `authorization-unknown`
   */
  accessOf(before: Owner<S> | null, after: S, entered: EnteredAccess, caller: Caller): Promise<MailboxAccess>;
  /**
   * Stores what was entered, has the connection saved that names it, and ends what the edit left without use: the old password
   * or tokens. Of two saves at once the one that is refused leaves nothing behind.
   * @param before null for a new one. @param save gets when the sign-in ends that the connection has then, and its name
   */
  save<T>(
    { id, before, after }: { id: string; before: (Owner<S> & Partial<Confirmed>) | null; after: S },
    entered: EnteredAccess,
    caller: Caller,
    save: (access: SavedAccess) => Promise<T>,
  ): Promise<T>;
  /** Has a copy of a connection saved, with a copy of its password. */
  saveCopy<T>(original: Owner<S>, copyId: string, save: () => Promise<T>): Promise<T>;
  /**
   * Has a connection removed, and then what it signed in with. Its tokens end at the provider too, unless another one uses the
   * same account of the same application.
   */
  forget(owner: Owner<S>, remove: () => Promise<void>): Promise<void>;
}

export function accessRules<S extends AccountSettings>(ports: AccessRulePorts<S>): AccessRules<S> {
  const { secrets, secretChanges, oauth } = ports;
  return {
    accessOf: async (before, after, entered, { accountId }) => {
      const stored = before === null ? { connectionId: null } : storedAccess(before);
      // A server that takes mail without a sign-in: no password goes there, whatever the form holds.
      if (!isOAuth(after) && after.username === '') return stored;
      if (before === null) requirePassword(after, entered);
      const { authorizationId } = entered;
      if (isOAuth(after) && authorizationId !== undefined) await oauth.outcome({ authorizationId, accountId });
      const isEntered = isOAuth(after) ? authorizationId !== undefined : !!entered.password;
      if (isEntered || before === null) return { ...stored, ...entered };
      if (isSameAccount(before.settings, after)) return stored;
      if (isOAuth(after)) return { connectionId: null };
      const message =
        'Enter the password again: it was stored for another server or user name, or to be sent encrypted.';
      throw new AppError('password-again', 'input', message, { field: 'password' });
    },

    save: async ({ id, before, after }, { password, authorizationId }, { accountId }, save) => {
      const isEntered = isOAuth(after) ? authorizationId !== undefined : !!password;
      const isKept = before !== null && isSameAccount(before.settings, after);
      if (!isEntered && (isKept || before === null)) {
        const secretId = before?.secretId;
        return save({ accessEndsAt: before?.accessEndsAt ?? 0, ...(secretId !== undefined && { secretId }) });
      }
      // A new connection has an id that no other has: its first secret needs no name besides.
      const secretId = before === null ? id : newSecretId(id);
      const write = async (): Promise<Confirmed> => {
        if (isOAuth(after) && authorizationId !== undefined) {
          const { credentialId = '', username: mailbox } = after;
          const use = ports.tokenUseOf(after);
          const confirmation = { authorizationId, accountId, connectionId: id, secretId, credentialId, use, mailbox };
          return oauth.confirm(confirmation);
        }
        if (!isOAuth(after) && password) await secrets.set(secretId, password);
        return { accessEndsAt: 0 };
      };
      return changingSecret(secretChanges, {
        secretId,
        left: before === null ? [] : [secretIdOf(before)],
        write,
        save: (confirmed) => save({ ...confirmed, ...(before !== null && { secretId }) }),
        remove: (name) =>
          name === secretId || before === null ? remove(name) : endAccess(before, { id, settings: after }),
        mayReturn: before !== null && isOAuth(before.settings),
      });
    },

    saveCopy: async (original, copyId, save) => {
      const password = await secrets.get(secretIdOf(original));
      if (password === null) return save();
      const write = () => secrets.set(copyId, password);
      return changingSecret(secretChanges, { secretId: copyId, left: [], write, save, remove, mayReturn: false });
    },

    forget: async (owner, removeRecord) => {
      const change = await secretChanges.begin([secretIdOf(owner)]);
      try {
        await removeRecord();
      } catch (thrown) {
        if (isRefusal(thrown)) await change.end();
        throw thrown;
      }
      await endAccess(owner, null);
      // A renewal under way may store tokens once more.
      if (!isOAuth(owner.settings)) await change.end();
    },
  };

  async function remove(secretId: string): Promise<void> {
    await secrets.remove(secretId);
    await oauth.forget({ id: secretId, credentialId: '', use: 'imap', shared: false }, false);
  }

  /** @param after what takes its place; null: nothing */
  async function endAccess(owner: Owner<S>, after: { id: string; settings: AccountSettings } | null): Promise<void> {
    const id = secretIdOf(owner);
    await secrets.remove(id);
    const { credentialId } = owner.settings;
    if (credentialId === undefined) return;
    const use = ports.tokenUseOf(owner.settings);
    await oauth.forget({ id, credentialId, use, shared: false }, !(await isUsedElsewhere(owner, after)));
  }

  /** Google ends all tokens of an account and an application together, whichever connection has them. */
  async function isUsedElsewhere(
    { id, settings }: Owner<S>,
    after: { id: string; settings: AccountSettings } | null,
  ): Promise<boolean> {
    const credentials = await ports.credentials.list();
    const applicationOf = (credentialId: string | undefined) => {
      const found = credentials.find((one) => one.id === credentialId)?.settings;
      return found === undefined ? credentialId : grantHolder(found);
    };
    const application = applicationOf(settings.credentialId);
    const isSame = (other: AccountSettings) =>
      isOAuth(other) &&
      other.username.toLowerCase() === settings.username.toLowerCase() &&
      applicationOf(other.credentialId) === application;
    if (after !== null && isSame(after.settings)) return true;
    const others = credentials.map((one) => one.id).filter((one) => applicationOf(one) === application);
    const ofApplication = [...new Set([settings.credentialId ?? '', ...others])];
    const users = await ports.users(ofApplication, (other) => other.id !== id && isSame(other.settings));
    return users.length > 0;
  }
}

/** Who a person has given access: at Google all clients of one project share it, and its number begins their ids. */
function grantHolder({ provider, clientId }: CredentialSettings): string {
  return `${provider} ${provider === 'google' ? clientId.split('-')[0] : clientId}`;
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
 * Runs a test of a connection. What fails before any server was asked is a failed test like another: a sign-in that has run out
 * stops it there, a gateway that does not answer at its first step.
 */
export async function reportOf(check: () => Promise<CheckReport>): Promise<CheckReport> {
  try {
    return await check();
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.kind === 'bug') throw error;
    const before = error.code.startsWith('gateway-') ? checkSteps[0] : 'sign-in';
    const failed = {
      step: checkSteps.find((name) => name === error.step) ?? before,
      ok: false,
      took: 0,
      message: error.message,
      detail: error.detail ?? null,
    };
    return { ok: false, steps: [failed], messages: null };
  }
}

/** Which secrets a form brought along, for the log of changes. */
export const toldOf = ({ password, authorizationId }: EnteredAccess): Record<string, boolean> => ({
  password: !!password,
  'sign-in': authorizationId !== undefined,
});
