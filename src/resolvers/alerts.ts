import { isDeepStrictEqual } from 'node:util';
import type { AlertPorts } from '../alerts/alert-ports';
import { currentIncidents } from '../alerts/current-incidents';
import { sendNotice } from '../alerts/send-notice';
import {
  type Alert,
  type AlertSecret,
  type AlertSettings,
  mergedSecret,
  noSecret,
  opsgenieHosts,
  secretProblems,
} from '../domain/alert';
import { emptyLedger, type Ledger } from '../domain/alert-ports';
import { AppError } from '../domain/app-error';
import { newSecretId, secretIdOf } from '../domain/entity';
import { alertLimits } from '../domain/limits';
import { testNotice } from '../domain/notice';
import type { OutgoingConnection } from '../domain/outgoing';
import type { SecretChanges } from '../domain/ports';
import { changingSecret } from '../domain/secret-change';
import { hostOf } from '../domain/webhook-address';
import { type Audit, whatChanged } from './audit';
import type { Caller, Handlers } from './define';
import { entityRules, newEntity } from './entity-rules';
import type { AlertView } from './views';

export interface AlertHandlerPorts extends AlertPorts {
  secretChanges: SecretChanges;
  audit: Audit;
}

type AlertFunction = Extract<keyof Handlers, `alerts.${string}`>;

/** What the screen of alert rules calls. */
export function alertHandlers(ports: AlertHandlerPorts): Pick<Handlers, AlertFunction> {
  const { alerts, secrets, ledgers, now } = ports;
  const { found, atVersion, refuseTakenName } = entityRules(alerts, 'alert rule');
  return {
    'alerts.list': async () => {
      const all = await alerts.list();
      const ids = all.map(({ id }) => id);
      const [incidents, known, outgoing] = await Promise.all([
        currentIncidents(ports),
        ledgers.getMany(ids),
        ports.outgoing.list(),
      ]);
      const views = all.map((alert) => ({
        ...view(alert, known.get(alert.id) ?? emptyLedger),
        problem: channelProblem(alert, outgoing),
      }));
      return { alerts: views, incidents };
    },

    'alerts.create': async ({ settings, secret }, caller) => {
      await refuseTakenName(settings.name, null);
      if ((await alerts.list()).length >= alertLimits.rules) {
        const message = `There are ${alertLimits.rules} alert rules already. Delete one that nobody needs, or add recipients to another.`;
        throw new AppError('too-many-alerts', 'input', message);
      }
      const used = checkedSecret(null, null, settings, secret);
      const alert: Alert = { ...newEntity(settings, now()), enabled: true, host: targetHost(settings, used) };
      if (settings.channel.type === 'email') await alerts.insert(alert);
      else await withSecret(secretIdOf(alert), [], used, () => alerts.insert(alert));
      await audit('created', alert, caller);
      return view(alert, emptyLedger);
    },

    'alerts.update': async ({ id, version, settings, secret }, caller) => {
      const before = await atVersion(id, version);
      await refuseTakenName(settings.name, id);
      const stored = await secrets.get(secretIdOf(before));
      const used = checkedSecret(before, stored, settings, secret);
      const after = { ...before, settings, host: targetHost(settings, used), updatedAt: now() };
      const isSame = isDeepStrictEqual(used, stored ?? noSecret);
      const saved = isSame ? await alerts.save(after) : await saveWithSecret(after, used);
      const entered = { URL: secret.url !== '', 'API key': secret.apiKey !== '', header: secret.headerValue !== '' };
      await audit(whatChanged(before.settings, settings, entered), saved, caller);
      return view(saved, await ledgerOf(id));
    },

    'alerts.delete': async ({ id, version }, caller) => {
      const alert = await atVersion(id, version);
      await secrets.remove(secretIdOf(alert));
      await alerts.remove(id);
      await ledgers.remove(id);
      await audit('deleted', alert, caller);
      return null;
    },

    'alerts.enable': async ({ id, version }, caller) => {
      const alert = await atVersion(id, version);
      if (!alert.enabled) await beginAnew(alert);
      return change(id, version, true, caller);
    },

    'alerts.disable': async ({ id, version }, caller) => change(id, version, false, caller),

    'alerts.sendTest': async ({ id, settings, secret }) => {
      const before = id === undefined ? null : await found(id);
      const used = checkedSecret(before, before && (await secrets.get(secretIdOf(before))), settings, secret);
      return sendNotice(ports, settings.channel, used, testNotice(settings.name, now()));
    },
  };

  async function ledgerOf(id: string): Promise<Ledger> {
    return (await ledgers.getMany([id])).get(id) ?? emptyLedger;
  }

  /**
   * Nobody watched while the rule was disabled: what was told before may be over, and wrong again. What is wrong now is told as by a new
   * rule. Opsgenie still has its alerts open: there it goes on, and closes those that are over.
   */
  async function beginAnew({ id, settings }: Alert): Promise<void> {
    if (settings.channel.type === 'opsgenie') return;
    const ledger = await ledgerOf(id);
    if (ledger.noted.length > 0) await ledgers.put(id, { ...ledger, noted: [] });
  }

  async function change(id: string, version: number, enabled: boolean, caller: Caller): Promise<AlertView> {
    const alert = await atVersion(id, version);
    const saved = await alerts.save({ ...alert, enabled, updatedAt: now() });
    await audit(enabled ? 'enabled' : 'disabled', saved, caller);
    return view(saved, await ledgerOf(id));
  }

  /** What the channel posts with: entered, or stored for it. @throws AppError `secret-missing` beside its field */
  function checkedSecret(
    before: Alert | null,
    stored: AlertSecret | null,
    settings: AlertSettings,
    entered: AlertSecret,
  ): AlertSecret {
    const known = before === null ? null : { channel: before.settings.channel, host: before.host };
    const [problem] = Object.entries(secretProblems(settings.channel, entered, known));
    if (problem !== undefined) {
      throw new AppError('secret-missing', 'input', problem[1], { field: `secret.${problem[0]}` });
    }
    return mergedSecret(settings.channel, entered, stored);
  }

  /**
   * Stores what a rule posts with from now on, then the rule that refers to it. It has a name of its own: of two edits at once the one
   * that is refused must not change what the other, or the rule as it was, posts with.
   */
  function saveWithSecret(alert: Alert, secret: AlertSecret): Promise<Alert> {
    const secretId = newSecretId(alert.id);
    return withSecret(secretId, [secretIdOf(alert)], secret, () => alerts.save({ ...alert, secretId }));
  }

  function withSecret<T>(
    secretId: string,
    left: readonly string[],
    secret: AlertSecret,
    save: () => Promise<T>,
  ): Promise<T> {
    const write = () => secrets.set(secretId, secret);
    return changingSecret(ports.secretChanges, {
      secretId,
      left,
      write,
      save,
      remove: secrets.remove,
      mayReturn: false,
    });
  }

  function audit(what: string, { id, settings }: Alert, caller: Caller): Promise<void> {
    return ports.audit({ noun: 'Alert rule', id, name: settings.name, what }, caller);
  }

  function view({ id, version, enabled, settings, host }: Alert, { last, failures, retryAt }: Ledger): AlertView {
    return { id, version, enabled, settings, host, last, retryAt: failures === 0 ? null : retryAt, problem: null };
  }
}

/** Told before an incident finds it out. */
function channelProblem({ settings: { channel } }: Alert, outgoing: readonly OutgoingConnection[]): string | null {
  if (channel.type !== 'email') return null;
  const connection = outgoing.find(({ id }) => id === channel.outgoingId);
  if (connection === undefined) return 'Its outgoing connection was deleted. Edit the rule and choose another one.';
  if (connection.enabled) return null;
  return `Its outgoing connection “${connection.settings.name}” is disabled. Enable it, or choose another one.`;
}

function targetHost({ channel }: AlertSettings, secret: AlertSecret): string {
  if (channel.type === 'email') return '';
  return channel.type === 'opsgenie' ? opsgenieHosts[channel.region] : hostOf(secret.url);
}
