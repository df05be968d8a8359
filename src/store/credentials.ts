import { Filter, FilterConditions, kvs, Sort } from '@forge/kvs';
import { AppError } from '../domain/app-error.ts';
import type { Credential } from '../domain/credential.ts';
import type { ClientSecrets, Credentials } from '../domain/oauth-ports.ts';
import { isStoreError } from './api-error.ts';
import { keys } from './keys.ts';

/** The platform's largest page of an entity query. */
const pageSize = 100;

/** The credential, and beside it its name, which the index needs as an attribute of its own. */
type StoredCredential = Credential & { name: string };

const toStored = (credential: Credential): StoredCredential => ({ ...credential, name: credential.settings.name });

/** OAuth2 credentials as a custom entity, without their secrets: listed by name, and saved only over the version that was read. */
export function credentialStore(): Credentials {
  const entity = kvs.entity<StoredCredential>(keys.credentialEntity);
  return {
    get: async (id) => toCredential(await entity.get(id)),
    list: async () => {
      const found: Credential[] = [];
      let cursor: string | undefined;
      do {
        const query = entity.query().index('by-name').limit(pageSize).sort(Sort.ASC);
        if (cursor !== undefined) query.cursor(cursor);
        const page = await query.getMany();
        for (const { value } of page.results) found.push(withoutName(value));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      return found;
    },
    insert: async (credential) => {
      try {
        await entity.set(credential.id, toStored(credential), { keyPolicy: 'FAIL_IF_EXISTS' });
      } catch (thrown) {
        if (!isStoreError(thrown, 'KEY_CONFLICT')) throw thrown;
        throw new AppError('credential-exists', 'input', 'A credential with this id exists already.', {
          cause: thrown,
        });
      }
    },
    save: async (credential) => {
      const saved = { ...credential, version: credential.version + 1 };
      const sameVersion = new Filter<StoredCredential>().and('version', FilterConditions.equalTo(credential.version));
      try {
        await kvs
          .transact()
          .set(credential.id, toStored(saved), { entityName: keys.credentialEntity, conditions: sameVersion })
          .execute();
      } catch (thrown) {
        if (!isStoreError(thrown, 'CONDITIONAL_CHECK_FAILED')) throw thrown;
        throw new AppError(
          'stale-version',
          'input',
          'Somebody else changed or deleted this credential meanwhile. Load it again, then repeat your change.',
          { cause: thrown },
        );
      }
      return saved;
    },
    remove: async (id) => {
      await entity.delete(id);
    },
  };
}

/** Client secrets in Forge's encrypted secret store, under a key derived from their credential's id. */
export function clientSecretStore(): ClientSecrets {
  return {
    get: async (credentialId) => (await kvs.getSecret<string>(keys.clientSecret(credentialId))) ?? null,
    set: async (credentialId, secret) => kvs.setSecret(keys.clientSecret(credentialId), secret),
    remove: async (credentialId) => kvs.deleteSecret(keys.clientSecret(credentialId)),
  };
}

function toCredential(stored: StoredCredential | undefined): Credential | null {
  return stored === undefined ? null : withoutName(stored);
}

function withoutName({ name: _, ...credential }: StoredCredential): Credential {
  return credential;
}
