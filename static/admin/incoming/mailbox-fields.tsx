import type { ReactNode } from 'react';
import { mailboxUse } from '../../../src/domain/oauth-endpoints';
import { AccountFields, type AccountKind } from '../account/account-fields';
import type { AccountForm } from '../account/use-account-form';
import { FolderField } from './folder-field';
import { accountTexts, providerChoices, formTexts as texts } from './form-texts';
import type { FormValues } from './form-values';

const mailbox: AccountKind = { providers: providerChoices, uses: mailboxUse, texts: accountTexts };

interface Props {
  account: AccountForm<FormValues>;
  /** Null for a connection that was never saved. */
  id: string | null;
  children: ReactNode;
}

/** Where the mailbox is, who opens it, and which folder is read. */
export function MailboxFields({ account, id, children }: Props) {
  const { form, context } = account;
  const { values } = form;
  const change = (provider: string) => {
    // POP3 knows one folder and no moving.
    const afterDownload = values.afterDownload === 'move' ? 'mark-read' : values.afterDownload;
    if (provider === 'pop3') form.change({ folder: '', moveTo: '', afterDownload });
  };
  return (
    <AccountFields {...account} id={id} kind={mailbox} onProvider={change}>
      {values.provider !== 'pop3' && (
        <FolderField
          field={form.field('folder')}
          label={texts.folder}
          hint={texts.folderHint}
          placeholder={texts.folderPlaceholder}
          values={values}
          id={id}
          context={context}
        />
      )}
      {children}
    </AccountFields>
  );
}
