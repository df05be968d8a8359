import Button from '@atlaskit/button/new';
import { Inline, Stack } from '@atlaskit/primitives';
import { type FormEvent, useState } from 'react';
import type { AlertView, OutgoingView } from '../../../src/resolvers/contract';
import { call, type PageError, toPageError } from '../../shared/call';
import { TextInput } from '../../shared/fields';
import { flag } from '../../shared/flags';
import { Section } from '../../shared/form-section';
import { WithGuide } from '../../shared/layout';
import { useLeaveGuard, useRouter } from '../../shared/router';
import { SaveError } from '../../shared/save-error';
import { useForm } from '../../shared/use-form';
import { paths } from '../paths';
import { ChannelFields } from './channel-fields';
import { ChannelGuide } from './channel-guide';
import { allowHost, forgetUnusedHosts } from './consent';
import { fieldOf, hostOfForm, newAlert, toSecret, toSettings, toValues, validate } from './form-values';
import { IncidentFields } from './incident-fields';
import { TestOutcome, useSendTest } from './send-test';
import { testTexts, formTexts as texts } from './texts';

interface Props {
  /** Null to add one. */
  alert: AlertView | null;
  outgoing: readonly OutgoingView[];
  /** Loads the rule anew; what was typed is lost. */
  onReload: () => void;
}

export function AlertForm({ alert, outgoing, onReload }: Props) {
  const { navigate } = useRouter();
  const form = useForm(alert === null ? newAlert : toValues(alert.settings), (values) => validate(values, alert));
  const [isSaving, setSaving] = useState(false);
  const [error, setError] = useState<PageError | null>(null);
  const test = useSendTest();
  useLeaveGuard(form.isDirty);

  const save = async () => {
    const settings = toSettings(form.values);
    const secret = toSecret(form.values);
    await allowHost(hostOfForm(form.values, alert));
    if (alert === null) {
      await call('alerts.create', { settings, secret });
      flag('success', texts.created(settings.name), texts.createdHint);
    } else {
      const { id, version } = alert;
      await call('alerts.update', { id, version, settings, secret });
      flag('success', texts.saved(settings.name));
    }
    await forgetUnusedHosts((await call('alerts.list', {})).alerts);
  };

  const fail = (thrown: unknown): PageError => {
    const failure = toPageError(thrown);
    const fields = Object.entries(failure.fields).map(([path, message]) => [fieldOf(path), message]);
    form.reject(Object.fromEntries(fields));
    return failure;
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isSaving || !form.check()) return;
    setSaving(true);
    setError(null);
    try {
      await save();
      navigate(paths.alerts, { force: true });
    } catch (thrown) {
      setError(fail(thrown));
      setSaving(false);
    }
  };
  const sendTest = () => {
    if (!form.check()) return;
    const settings = toSettings(form.values);
    const secret = toSecret(form.values);
    void test.run(async () => {
      await allowHost(hostOfForm(form.values, alert));
      return call('alerts.sendTest', { ...(alert !== null && { id: alert.id }), settings, secret });
    }, fail);
  };

  return (
    <WithGuide guide={<ChannelGuide type={form.values.type} />}>
      <form ref={form.ref} noValidate onSubmit={(event) => void submit(event)}>
        <Stack space="space.400">
          <Section title={texts.generalSection}>
            <TextInput field={form.field('name')} label={texts.name} isRequired />
          </Section>
          <IncidentFields form={form} />
          <ChannelFields form={form} saved={alert} outgoing={outgoing}>
            <TestOutcome outcome={test.outcome} />
          </ChannelFields>
          {error && <SaveError error={error} texts={texts} onReload={onReload} />}
          <Inline space="space.100" rowSpace="space.100" shouldWrap>
            <Button type="submit" appearance="primary" isLoading={isSaving}>
              {texts.save}
            </Button>
            <Button isLoading={test.isSending} onClick={sendTest}>
              {testTexts.send}
            </Button>
            <Button appearance="subtle" onClick={() => navigate(paths.alerts)}>
              {texts.cancel}
            </Button>
          </Inline>
        </Stack>
      </form>
    </WithGuide>
  );
}
