import Button from '@atlaskit/button/new';
import ModalDialog, { ModalBody, ModalFooter, ModalHeader, ModalTitle } from '@atlaskit/modal-dialog';
import { Stack, Text } from '@atlaskit/primitives';
import type { ConnectionView } from '../../../src/resolvers/contract';
import { ServerWords } from '../../shared/error-notice';
import { Facts } from '../../shared/facts';
import { relativeTime, useExactTime } from '../../shared/reader';
import { statusTexts, stepName, troubleTexts as texts } from './texts';

/** Messages that were given up which the dialog names; a mailbox may hold hundreds. */
const shownQuarantined = 5;

interface Props {
  connection: ConnectionView;
  onEdit: () => void;
  onClose: () => void;
}

/** Why a connection is not green. */
export function StatusDialog({ connection, onEdit, onClose }: Props) {
  const { trouble, warning, quarantined } = connection;
  return (
    <ModalDialog width="medium" onClose={onClose}>
      <ModalHeader hasCloseButton>
        <ModalTitle>{texts.title(connection.settings.name, statusTexts[connection.status])}</ModalTitle>
      </ModalHeader>
      <ModalBody>
        <Stack space="space.200">
          {trouble && <TroubleFacts trouble={trouble} isEnabled={connection.state === 'enabled'} />}
          {warning !== null && <Text as="p">{warning}</Text>}
          {quarantined.length > 0 && <QuarantinedMail quarantined={quarantined} />}
        </Stack>
      </ModalBody>
      <ModalFooter>
        <Button appearance="subtle" onClick={onEdit}>
          {texts.edit}
        </Button>
        <Button appearance="primary" onClick={onClose}>
          {texts.close}
        </Button>
      </ModalFooter>
    </ModalDialog>
  );
}

/** What happened, the server's words, since when, and when it is tried again. */
function TroubleFacts(props: { trouble: NonNullable<ConnectionView['trouble']>; isEnabled: boolean }) {
  const { trouble, isEnabled } = props;
  const moment = useMoment();
  const nextTry = trouble.notBefore > Date.now() ? moment(trouble.notBefore) : texts.nextPoll;
  return (
    <Stack space="space.200">
      <Stack space="space.050">
        <Text as="p">{trouble.message}</Text>
        {trouble.detail && <ServerWords>{trouble.detail}</ServerWords>}
      </Stack>
      <Facts
        facts={[
          [texts.step, trouble.step && stepName(trouble.step)],
          [texts.since, moment(trouble.since)],
          [texts.failures, trouble.failures > 0 ? String(trouble.failures) : null],
          [texts.nextTry, isEnabled ? nextTry : texts.noNextTry],
        ]}
      />
    </Stack>
  );
}

function QuarantinedMail({ quarantined }: Pick<ConnectionView, 'quarantined'>) {
  const moment = useMoment();
  const newest = [...quarantined].sort((a, b) => b.at - a.at).slice(0, shownQuarantined);
  const rest = quarantined.length - newest.length;
  return (
    <Stack space="space.100">
      <Text as="p">{texts.quarantined(quarantined.length)}</Text>
      <Facts facts={newest.map(({ at, reason }) => [moment(at), reason])} />
      {rest > 0 && <Text color="color.text.subtle">{texts.more(rest)}</Text>}
    </Stack>
  );
}

function useMoment(): (time: number) => string {
  const exactTime = useExactTime();
  return (time) => `${relativeTime(time, Date.now())} (${exactTime(time)})`;
}
