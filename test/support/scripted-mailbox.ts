import type { SettingsOf } from '../../src/domain/connection';
import { imapMailbox } from '../../src/mail/imap/mailbox';
import type { ImapDeps } from '../../src/mail/imap/settings';
import type { PartedMailbox } from '../../src/mail/parts';
import { type Script, scriptedImap, scriptedSettings } from './scripted-imap';

export const scriptedDeps = { resolve: async () => ['127.0.0.1'], allowPlaintext: true };

/** Runs `body` with a mailbox on a scripted server, and the commands that it gets. */
export async function withServer(
  script: Script,
  body: (mailbox: PartedMailbox, commands: string[]) => Promise<void>,
  changes: Partial<SettingsOf<'imap'>> = {},
  deps: Partial<ImapDeps> = {},
): Promise<void> {
  const server = await scriptedImap(script);
  const mailbox = imapMailbox(
    scriptedSettings(server.port, changes),
    { password: 'secret' },
    { ...scriptedDeps, ...deps },
  );
  try {
    await body(mailbox, server.commands);
  } finally {
    await mailbox.close();
    await server.stop();
  }
}
