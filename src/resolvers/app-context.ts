import { getAppContext } from '@forge/api';
import type { Granted, InstallationFacts } from '../domain/diagnosis';

/** What the administrator has consented to, as the platform tells each invocation. */
export function grantedByContext(): Granted {
  const { permissions } = getAppContext();
  const backend = permissions?.external?.fetch?.backend;
  return { scopes: namesOf(permissions?.scopes), hosts: namesOf(backend) };
}

/** Lists of names, or of objects that name an address, or an object by name: the manifest has all of these forms. */
function namesOf(list: unknown): string[] | null {
  if (typeof list !== 'object' || list === null) return null;
  if (!Array.isArray(list)) return Object.keys(list);
  const named = list.map((one: unknown) => (typeof one === 'string' ? one : Reflect.get(Object(one), 'address')));
  return named.filter((one) => typeof one === 'string');
}

/** @param callbackUrl its failure is no failure of the others */
export async function installationByContext(callbackUrl: () => Promise<string>): Promise<InstallationFacts> {
  const { appAri, appVersion, environmentType, installationAri } = getAppContext();
  return {
    appId: appAri.toString(),
    appVersion: appVersion || null,
    environment: environmentType || null,
    installationId: installationAri.toString(),
    callbackUrl: await callbackUrl().catch(() => null),
    nodeVersion: process.version,
  };
}
