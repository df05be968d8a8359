import Button from '@atlaskit/button/new';
import { Inline, Stack } from '@atlaskit/primitives';
import { type FormEvent, type ReactNode, useState } from 'react';
import { type PageError, toPageError } from './call';
import { useLeaveGuard, useRouter } from './router';
import { SaveError, type SaveErrorTexts } from './save-error';
import { type Form, fromServer } from './use-form';

interface Props<V extends Record<string, string>> {
  form: Form<V>;
  texts: SaveErrorTexts & Record<'save' | 'cancel', string>;
  /** Saves what the form holds, and returns where to go on. */
  save: () => Promise<string>;
  /** Where who cancels goes on. */
  back: string;
  /** Loads what is stored anew; what was typed is lost. */
  onReload: () => void;
  /** Its sections. */
  children: ReactNode;
}

/** A form that is saved as a whole. What the server finds wrong stands beside its field, the rest above the buttons. */
export function EditForm<V extends Record<string, string>>(props: Props<V>) {
  const { form, texts, save, back, onReload, children } = props;
  const { navigate } = useRouter();
  const [isSaving, setSaving] = useState(false);
  const [error, setError] = useState<PageError | null>(null);
  useLeaveGuard(form.isDirty);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isSaving || !form.check()) return;
    setSaving(true);
    setError(null);
    try {
      navigate(await save(), { force: true });
    } catch (thrown) {
      const failure = toPageError(thrown);
      setError(failure);
      form.reject(fromServer(failure.fields));
      setSaving(false);
    }
  };
  return (
    <form ref={form.ref} noValidate onSubmit={(event) => void submit(event)}>
      <Stack space="space.400">
        {children}
        {error && <SaveError error={error} texts={texts} onReload={onReload} />}
        <Inline space="space.100">
          <Button type="submit" appearance="primary" isLoading={isSaving}>
            {texts.save}
          </Button>
          <Button appearance="subtle" onClick={() => navigate(back)}>
            {texts.cancel}
          </Button>
        </Inline>
      </Stack>
    </form>
  );
}
