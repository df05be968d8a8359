import { useEffect } from 'react';
import type { AlertView, OutgoingView } from '../../../src/resolvers/views';
import { call } from '../../shared/call';
import { EditForm } from '../../shared/edit-form';
import { TextInput } from '../../shared/fields';
import { flag } from '../../shared/flags';
import { Section } from '../../shared/form-section';
import { WithGuide } from '../../shared/layout';
import { type Form, useForm } from '../../shared/use-form';
import { paths } from '../paths';
import { ChannelFields } from './channel-fields';
import { ChannelGuide } from './channel-guide';
import { allowHost, forgetUnusedHosts } from './consent';
import {
  type FormValues,
  fieldOf,
  hostOfForm,
  newAlert,
  toSecret,
  toSettings,
  toValues,
  validate,
} from './form-values';
import { IncidentFields } from './incident-fields';
import { SendTest } from './send-test';
import { formTexts as texts } from './texts';

interface Props {
  /** Null to add one. */
  alert: AlertView | null;
  outgoing: readonly OutgoingView[];
  /** Loads the rule anew; what was typed is lost. */
  onReload: () => void;
}

export function AlertForm({ alert, outgoing, onReload }: Props) {
  const bare = useForm(alert === null ? newAlert : toValues(alert.settings), (values) => validate(values, alert));
  const form: Form<FormValues> = {
    ...bare,
    reject: (errors) =>
      bare.reject(Object.fromEntries(Object.entries(errors).map(([path, message]) => [fieldOf(path), message]))),
  };

  /** What the form holds, once its host may be reached. */
  const agreed = async () => {
    await allowHost(hostOfForm(form.values, alert));
    return { settings: toSettings(form.values), secret: toSecret(form.values) };
  };
  const save = async (): Promise<string> => {
    const { settings, secret } = await agreed();
    if (alert === null) {
      await call('alerts.create', { settings, secret });
      flag('success', texts.created(settings.name), texts.createdHint);
    } else {
      const { id, version } = alert;
      await call('alerts.update', { id, version, settings, secret });
      flag('success', texts.saved(settings.name));
    }
    return paths.alerts;
  };
  // However the form is left: a host that was allowed for it, and that no saved rule needs, is not.
  useEffect(() => () => void forgetUnusedHosts(), []);
  const test = async () => call('alerts.sendTest', { ...(await agreed()), ...(alert !== null && { id: alert.id }) });

  return (
    <WithGuide guide={<ChannelGuide type={form.values.type} />}>
      <EditForm form={form} texts={texts} save={save} back={paths.alerts} onReload={onReload}>
        <Section title={texts.generalSection}>
          <TextInput field={form.field('name')} label={texts.name} isRequired />
        </Section>
        <IncidentFields form={form} />
        <ChannelFields form={form} saved={alert} outgoing={outgoing}>
          <SendTest form={form} send={test} />
        </ChannelFields>
      </EditForm>
    </WithGuide>
  );
}
