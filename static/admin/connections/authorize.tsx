import Button from '@atlaskit/button/new';
import { ErrorMessage, HelperMessage } from '@atlaskit/form';
import Lozenge from '@atlaskit/lozenge';
import { Box, Inline, Stack, Text } from '@atlaskit/primitives';
import SectionMessage, { SectionMessageAction } from '@atlaskit/section-message';
import { useEffect, useId } from 'react';
import { mailboxUse } from '../../../src/domain/oauth-endpoints';
import type { CredentialView } from '../../../src/resolvers/contract';
import { ErrorNotice } from '../../shared/error-notice';
import type { Form } from '../../shared/use-form';
import { formTexts as texts } from './form-texts';
import { type FormContext, type FormValues, isAuthorized, isShared, savedAccount } from './form-values';
import { type Authorization, useAuthorization } from './use-authorization';

interface Props {
  form: Form<FormValues>;
  id: string | null;
  context: FormContext;
  credential: CredentialView;
  /** Tests the mailbox once the form has it. */
  onCheck: () => void;
}

/** Lets a person sign in at the provider, shows which mailbox that was, and asks before it is used. */
export function Authorize({ form, id, context, credential, onCheck }: Props) {
  const { values } = form;
  const authorization = useAuthorization();
  const { signIn, forget } = authorization;
  const titleId = useId();
  const provider = credential.settings.provider === 'google' ? 'Google' : 'Microsoft';
  const field = form.field('authorizationId');
  const isDone = isAuthorized(values, context);

  // A sign-in is for one credential and one kind of access; after a change of these it means nothing any more.
  const subject = `${values.provider} ${values.credentialId} ${values.usesShared}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another subject ends it
  useEffect(() => forget(), [subject]);

  const begin = () => {
    const use = Object.entries(mailboxUse).find(([name]) => name === values.provider)?.[1];
    if (use === undefined) return;
    void authorization.begin({
      credentialId: credential.id,
      connectionId: id,
      use,
      shared: isShared(values),
      loginHint: values.username,
    });
  };
  const accept = (authorizationId: string, mailbox: string) => {
    form.change({ authorizationId, username: mailbox });
    forget();
    onCheck();
  };
  return (
    <Box role="group" aria-labelledby={titleId}>
      <Stack space="space.100">
        <Text as="p" size="small" weight="bold" color="color.text.subtle" id={titleId}>
          {texts.access}
        </Text>
        <Inline space="space.150" rowSpace="space.100" alignBlock="center" shouldWrap>
          <Button
            isLoading={signIn.state === 'beginning'}
            appearance={isDone ? 'default' : 'primary'}
            onClick={begin}
            aria-describedby={`${field.id}-message`}
            data-refused={field.error !== null}
          >
            {isDone ? texts.authorizeAgain : texts.authorize}
          </Button>
          {isDone && (
            <Lozenge appearance="success" maxWidth="100%">
              {texts.authorizedAs(values.username)}
            </Lozenge>
          )}
        </Inline>
        <div id={`${field.id}-message`} aria-live="polite">
          {field.error !== null && <ErrorMessage>{field.error}</ErrorMessage>}
          {field.error === null && <HelperMessage>{texts.authorizeHint(provider)}</HelperMessage>}
        </div>
        <div role="status">
          <Progress
            authorization={authorization}
            provider={provider}
            before={savedAccount(values, context)?.username ?? ''}
            onAccept={accept}
            onBegin={begin}
          />
        </div>
      </Stack>
    </Box>
  );
}

interface ProgressProps {
  authorization: Authorization;
  provider: string;
  /** The mailbox that the connection reads so far; empty if none. */
  before: string;
  onAccept: (authorizationId: string, mailbox: string) => void;
  onBegin: () => void;
}

function Progress({ authorization, provider, before, onAccept, onBegin }: ProgressProps) {
  const { signIn, openAgain, forget } = authorization;
  switch (signIn.state) {
    case 'waiting':
      return (
        <SectionMessage
          title={texts.waitingTitle(provider)}
          actions={[action(texts.openAgain, openAgain), action(texts.cancel, forget)]}
        >
          <Text as="p">{texts.waiting}</Text>
        </SectionMessage>
      );
    case 'connected': {
      const { authorizationId, mailbox } = signIn;
      return (
        <SectionMessage
          appearance="success"
          title={texts.connectedTitle(mailbox)}
          actions={[
            action(texts.acceptMailbox(mailbox), () => onAccept(authorizationId, mailbox)),
            action(texts.useOther, onBegin),
          ]}
        >
          <Text as="p">{before !== '' && before !== mailbox ? texts.connectedOther(before) : texts.connected}</Text>
        </SectionMessage>
      );
    }
    case 'failed':
      return (
        <SectionMessage appearance="error" title={texts.failedTitle}>
          <Text as="p">{signIn.message}</Text>
        </SectionMessage>
      );
    case 'not-begun':
      return <ErrorNotice title={texts.beginFailedTitle} error={signIn.error} />;
    default:
      return null;
  }
}

const action = (label: string, run: () => void) => (
  <SectionMessageAction key={label} onClick={run}>
    {label}
  </SectionMessageAction>
);
