import Button from '@atlaskit/button/new';
import ModalDialog, { ModalBody, ModalFooter, ModalHeader, ModalTitle } from '@atlaskit/modal-dialog';
import { Stack, Text } from '@atlaskit/primitives';
import { type FormEvent, useState } from 'react';
import { activityDays } from '../../../src/domain/activity';
import { call, type PageError, toPageError } from '../../shared/call';
import { ErrorNotice } from '../../shared/error-notice';
import { NumberInput } from '../../shared/fields';
import { flag } from '../../shared/flags';
import { toNumber } from '../../shared/form-input';
import { useForm } from '../../shared/use-form';
import { retentionTexts as texts } from './texts';

interface Props {
  days: number;
  onSaved: () => void;
  onClose: () => void;
}

const asDays = (typed: string) => activityDays.safeParse(toNumber(typed));

/** For how long entries are kept, and what another time means for those that are there. */
export function RetentionDialog({ days, onSaved, onClose }: Props) {
  const form = useForm({ days: String(days) }, (values): Record<string, string> => {
    const problem = asDays(values.days).error?.issues[0]?.message;
    return problem === undefined ? {} : { days: problem };
  });
  const [isSaving, setSaving] = useState(false);
  const [failure, setFailure] = useState<PageError | null>(null);

  const save = async (event: FormEvent) => {
    event.preventDefault();
    const { data } = asDays(form.values.days);
    if (isSaving || !form.check() || data === undefined) return;
    setSaving(true);
    try {
      await call('activity.saveSettings', { days: data });
      flag('success', texts.saved(data));
      onSaved();
      onClose();
    } catch (thrown) {
      const error = toPageError(thrown);
      form.reject(error.fields);
      setFailure(error);
      setSaving(false);
    }
  };

  return (
    <ModalDialog width="small" onClose={onClose}>
      <form ref={form.ref} noValidate onSubmit={(event) => void save(event)}>
        <ModalHeader hasCloseButton>
          <ModalTitle>{texts.title}</ModalTitle>
        </ModalHeader>
        <ModalBody>
          <Stack space="space.200">
            {failure && <ErrorNotice title={texts.saveFailed} error={failure} />}
            <NumberInput field={form.field('days')} label={texts.days} hint={texts.hint} min={1} max={365} />
            <Text as="p">{texts.shorter}</Text>
            <Text as="p">{texts.longer}</Text>
            <Text as="p">{texts.quarantine}</Text>
          </Stack>
        </ModalBody>
        <ModalFooter>
          <Button appearance="subtle" onClick={onClose}>
            {texts.cancel}
          </Button>
          <Button type="submit" appearance="primary" isLoading={isSaving}>
            {texts.save}
          </Button>
        </ModalFooter>
      </form>
    </ModalDialog>
  );
}
