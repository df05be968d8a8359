import Button from '@atlaskit/button/new';
import ModalDialog, { ModalBody, ModalFooter, ModalHeader, ModalTitle } from '@atlaskit/modal-dialog';
import { Stack, Text } from '@atlaskit/primitives';
import SectionMessage from '@atlaskit/section-message';
import { type FormEvent, type RefObject, useState } from 'react';
import { mailAddress } from '../../../src/domain/fields';
import type { Values } from '../../../src/resolvers/contract';
import type { OutgoingView } from '../../../src/resolvers/views';
import { call, type PageError, toPageError } from '../../shared/call';
import { ServerWords } from '../../shared/error-notice';
import { Facts } from '../../shared/facts';
import { TextInput } from '../../shared/fields';
import { ProtocolBox } from '../../shared/protocol-box';
import { useForm } from '../../shared/use-form';
import { stepName } from '../account/test-texts';
import { sendTexts as texts } from './texts';

interface Props {
  connection: OutgoingView;
  /** What gets the focus when the dialog closes. */
  returnFocus: RefObject<HTMLElement>;
  onClose: () => void;
}

type Outcome = { to: string; sent: Values['outgoing.sendTest'] } | { error: PageError };

/** Sends a mail through a saved connection, and shows what its server said. */
export function SendTestDialog({ connection, returnFocus, onClose }: Props) {
  const { id, settings } = connection;
  const form = useForm({ to: '' }, ({ to }) => {
    const problem = mailAddress.safeParse(to).error?.issues[0]?.message;
    return problem === undefined ? {} : { to: problem };
  });
  const [isSending, setSending] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);

  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (isSending || !form.check()) return;
    setSending(true);
    setOutcome(null);
    const to = form.values.to.trim();
    try {
      setOutcome({ to, sent: await call('outgoing.sendTest', { id, to }) });
    } catch (thrown) {
      const error = toPageError(thrown);
      form.reject(error.fields);
      setOutcome({ error });
    }
    setSending(false);
  };

  return (
    <ModalDialog width="large" shouldReturnFocus={returnFocus} onClose={onClose}>
      <form ref={form.ref} noValidate onSubmit={(event) => void send(event)}>
        <ModalHeader hasCloseButton>
          <ModalTitle>{texts.title(settings.name)}</ModalTitle>
        </ModalHeader>
        <ModalBody>
          <Stack space="space.200">
            <TextInput field={form.field('to')} label={texts.to} hint={texts.toHint} type="email" isRequired />
            <div role="status">
              {outcome && 'sent' in outcome && <SentReport {...outcome} />}
              {outcome && 'error' in outcome && <SendFailure error={outcome.error} />}
            </div>
          </Stack>
        </ModalBody>
        <ModalFooter>
          <Button appearance="subtle" onClick={onClose}>
            {texts.close}
          </Button>
          <Button type="submit" appearance="primary" isLoading={isSending}>
            {texts.send}
          </Button>
        </ModalFooter>
      </form>
    </ModalDialog>
  );
}

function SentReport({ to, sent }: { to: string; sent: Values['outgoing.sendTest'] }) {
  const { reply, messageId, refused, protocol } = sent;
  return (
    <Stack space="space.200">
      <SectionMessage appearance={refused.length > 0 ? 'warning' : 'success'} title={texts.sent(to)}>
        <Facts
          facts={[
            [texts.reply, reply],
            [texts.messageId, messageId],
            ...refused.map(({ address, reason }) => [texts.refused, `${address}: ${reason}`] as const),
          ]}
        />
      </SectionMessage>
      {protocol === null ? <Text color="color.text.subtle">{texts.noProtocol}</Text> : <Protocol lines={protocol} />}
    </Stack>
  );
}

function SendFailure({ error }: { error: PageError }) {
  return (
    <Stack space="space.200">
      <SectionMessage appearance="error" title={texts.failed}>
        <Stack space="space.100">
          <Text as="p">{error.message}</Text>
          {error.detail && <ServerWords>{error.detail}</ServerWords>}
          <Facts
            facts={[
              [texts.step, error.step && stepName(error.step)],
              [texts.code, error.code],
            ]}
          />
        </Stack>
      </SectionMessage>
      {error.protocol.length > 0 && <Protocol lines={error.protocol} />}
    </Stack>
  );
}

/** What went over the wire, without secrets. */
function Protocol({ lines }: { lines: readonly string[] }) {
  return (
    <Stack space="space.100">
      <Text size="small" weight="bold" color="color.text.subtle">
        {texts.protocol}
      </Text>
      <ProtocolBox label={texts.protocol} lines={lines} />
    </Stack>
  );
}
