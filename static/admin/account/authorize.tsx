import Button from '@atlaskit/button/new';
import { ErrorMessage, HelperMessage } from '@atlaskit/form';
import Lozenge from '@atlaskit/lozenge';
import { Box, Inline, Stack, Text } from '@atlaskit/primitives';
import SectionMessage, { SectionMessageAction } from '@atlaskit/section-message';
import { useEffect, useId } from 'react';
import type { TokenUse } from '../../../src/domain/oauth-endpoints';
import type { CredentialView } from '../../../src/resolvers/views';
import { ErrorNotice } from '../../shared/error-notice';
import type { FieldState } from '../../shared/use-form';
import { CallbackNotice } from './callback-notice';
import { type AccountKindTexts, callbackTexts, accountTexts as texts } from './texts';
import { type Authorization, useAuthorization } from './use-authorization';

interface Props {
  /** Null for a connection that was never saved. */
  connectionId: string | null;
  credential: CredentialView;
  use: TokenUse;
  isShared: boolean;
  /** The account of the form; empty if none. */
  username: string;
  /** The account that is stored; empty if none. */
  before: string;
  isDone: boolean;
  field: FieldState;
  onAccept: (authorizationId: string, account: string) => void;
  words: AccountKindTexts;
}

/** Lets a person sign in at the provider, shows which account that was, and asks before it is used. */
export function Authorize(props: Props) {
  const { connectionId, credential, use, isShared, username, isDone, field, words } = props;
  const authorization = useAuthorization();
  const { signIn, forget } = authorization;
  const titleId = useId();
  const provider = credential.settings.provider === 'google' ? 'Google' : 'Microsoft';

  // A sign-in is for one credential and one kind of access; after a change of these it means nothing any more.
  const subject = `${use} ${credential.id} ${isShared}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another subject ends it
  useEffect(() => forget(), [subject]);

  const begin = () =>
    void authorization.begin({ credentialId: credential.id, connectionId, use, shared: isShared, loginHint: username });
  const accept = (authorizationId: string, account: string) => {
    forget();
    props.onAccept(authorizationId, account);
  };
  return (
    <Box role="group" aria-labelledby={titleId}>
      <Stack space="space.100">
        <Text as="p" size="small" weight="bold" color="color.text.subtle" id={titleId}>
          {words.access}
        </Text>
        {credential.formerCallbackUrl !== null && signIn.state !== 'connected' && (
          <CallbackNotice credentials={[credential]} callbackUrl={credential.callbackUrl}>
            {callbackTexts.thenAuthorize}
          </CallbackNotice>
        )}
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
              {texts.authorizedAs(username)}
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
            before={props.before}
            words={words}
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
  before: string;
  words: AccountKindTexts;
  onAccept: (authorizationId: string, mailbox: string) => void;
  onBegin: () => void;
}

function Progress({ authorization, provider, before, words, onAccept, onBegin }: ProgressProps) {
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
    case 'not-opened':
      return (
        <SectionMessage
          appearance="warning"
          title={texts.notOpenedTitle}
          actions={[action(texts.openAgain, openAgain), action(texts.cancel, forget)]}
        >
          <Text as="p">{texts.notOpened(provider)}</Text>
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
          <Text as="p">{before !== '' && before !== mailbox ? words.connectedOther(before) : words.connected}</Text>
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
