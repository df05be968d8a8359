import { CreatableSelect } from '@atlaskit/select';
import { useRef, useState } from 'react';
import { call, toPageError } from '../../shared/call';
import { type Choice, FieldFrame, selectProps } from '../../shared/fields';
import type { FieldState } from '../../shared/use-form';
import type { AccessContext } from '../account/access';
import { isOAuth } from '../account/account-values';
import { formTexts as texts } from './form-texts';
import { type FormValues, mailboxFields, toDraft, validate } from './form-values';

interface Props {
  field: FieldState;
  label: string;
  hint?: string;
  placeholder: string;
  isRequired?: boolean;
  values: FormValues;
  /** The connection whose stored password counts when the form's is empty. */
  id: string | null;
  context: AccessContext;
}

type Listing = { choices: Choice[]; message: string | null; isLoading: boolean };
const nothing: Listing = { choices: [], message: null, isLoading: false };

/** A folder of the mailbox: chosen from the server's own list, or typed. */
export function FolderField({ values, id, context, ...props }: Props) {
  const { field } = props;
  const [listing, setListing] = useState(nothing);
  const listed = useRef('');

  const load = async () => {
    // The folder itself must not be in the question: it may be the very mistake that the list is to mend.
    const question = { ...values, folder: '' };
    const errors = validate(question, context);
    if (mailboxFields.some((name) => errors[name] !== undefined)) {
      setListing({ ...nothing, message: isOAuth(values) ? texts.folderNeedsAccess : texts.folderNeedsServer });
      return;
    }
    const draft = toDraft(question, id);
    const asked = JSON.stringify(draft);
    if (asked === listed.current) return;
    listed.current = asked;
    setListing({ ...nothing, isLoading: true });
    try {
      const folders = await call('connections.folders', draft);
      const choices = folders.map(({ path, selectable }) => ({ value: path, label: path, isDisabled: !selectable }));
      if (asked === listed.current) setListing({ ...nothing, choices });
    } catch (thrown) {
      // The next opening asks again: the reason may be gone by then.
      if (asked === listed.current) {
        listed.current = '';
        setListing({ ...nothing, message: texts.folderFailed(toPageError(thrown).message) });
      }
    }
  };

  return (
    <FieldFrame {...props}>
      <CreatableSelect<Choice>
        {...selectProps(props)}
        isClearable
        placeholder={props.placeholder}
        options={listing.choices}
        isLoading={listing.isLoading}
        loadingMessage={() => texts.folderLoading}
        noOptionsMessage={() => listing.message ?? texts.folderNone}
        formatCreateLabel={texts.folderUse}
        value={field.value === '' ? null : { value: field.value, label: field.value }}
        onMenuOpen={() => void load()}
        onChange={(choice) => field.onChange(choice?.value ?? '')}
        onCreateOption={(path: string) => field.onChange(path.trim())}
      />
    </FieldFrame>
  );
}
