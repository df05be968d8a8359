import Button from '@atlaskit/button/new';
import SettingsIcon from '@atlaskit/icon/core/settings';
import { ModalTransition } from '@atlaskit/modal-dialog';
import { useState } from 'react';
import { call } from '../../shared/call';
import { useQuery } from '../../shared/use-query';
import { RetentionDialog } from './retention-dialog';
import { retentionTexts as texts } from './texts';

const load = () => call('activity.settings', {});

/** Says how long entries are kept, and opens what changes it. */
export function Retention({ onChanged }: { onChanged: () => void }) {
  const settings = useQuery(load);
  const [isOpen, setOpen] = useState(false);
  if (settings.value === null) return null;
  return (
    <>
      <Button iconBefore={SettingsIcon} onClick={() => setOpen(true)}>
        {texts.kept(settings.value.days)}
      </Button>
      <ModalTransition>
        {isOpen && (
          <RetentionDialog
            days={settings.value.days}
            onSaved={() => {
              void settings.reload();
              onChanged();
            }}
            onClose={() => setOpen(false)}
          />
        )}
      </ModalTransition>
    </>
  );
}
