import { Text } from '@atlaskit/primitives';
import SectionMessage, { SectionMessageAction } from '@atlaskit/section-message';
import { useState } from 'react';
import type { PageError } from './call';
import { ConfirmDialog } from './confirm-dialog';
import { ErrorNotice } from './error-notice';

export type SaveErrorTexts = Record<
  'saveFailed' | 'staleTitle' | 'staleText' | 'reload' | 'reloadTitle' | 'reloadQuestion' | 'reloadConfirm',
  string
>;

interface Props {
  error: PageError;
  texts: SaveErrorTexts;
  /** Loads what is stored anew; what was typed is lost. */
  onReload: () => void;
}

/** Why a form could not be saved; when somebody else saved it meanwhile, with a way to see what they did. */
export function SaveError({ error, texts, onReload }: Props) {
  const [isAsking, setAsking] = useState(false);
  if (error.code !== 'stale-version') return <ErrorNotice title={texts.saveFailed} error={error} />;
  return (
    <div role="alert">
      <SectionMessage
        appearance="warning"
        title={texts.staleTitle}
        actions={[
          <SectionMessageAction key="reload" onClick={() => setAsking(true)}>
            {texts.reload}
          </SectionMessageAction>,
        ]}
      >
        <Text as="p">{texts.staleText}</Text>
      </SectionMessage>
      <ConfirmDialog
        isOpen={isAsking}
        title={texts.reloadTitle}
        confirmLabel={texts.reloadConfirm}
        appearance="warning"
        onConfirm={onReload}
        onCancel={() => setAsking(false)}
      >
        {texts.reloadQuestion}
      </ConfirmDialog>
    </div>
  );
}
