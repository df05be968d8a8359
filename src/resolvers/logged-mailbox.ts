import { type AppError, toAppError } from '../domain/app-error';
import type { Mailbox, OpenMailbox } from '../domain/ports';
import { type KeptProtocol, keptProtocol, type ProtocolPorts } from '../intake/kept-protocol';

/**
 * The same opener for pages: what a test, a count or a list of folders says to the mail server is in the protocol too, while the
 * log of the connection is on.
 */
export function loggedMailboxes(ports: ProtocolPorts, open: OpenMailbox): OpenMailbox {
  return async (settings, access) => {
    const connection = access.connectionId === null ? null : await ports.connections.get(access.connectionId);
    const why = 'somebody tests the connection, or looks into its mailbox.';
    const protocol = connection && keptProtocol(ports, connection, 'Request', why);
    if (protocol === null) return open(settings, access);
    try {
      return logged(protocol, await open(settings, { ...access, log: protocol.log }));
    } catch (thrown) {
      protocol.end(toAppError(thrown));
      await protocol.keep();
      throw thrown;
    }
  };
}

function logged(protocol: KeptProtocol, mailbox: Mailbox): Mailbox {
  let outcome: AppError | string = 'done.';
  const noted = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (thrown) {
      outcome = toAppError(thrown);
      throw thrown;
    }
  };
  return {
    ...mailbox,
    check: async () => {
      const report = await noted(mailbox.check());
      const failed = report.steps.find(({ ok }) => !ok);
      if (failed !== undefined) outcome = `${failed.step} failed. ${failed.message}`;
      return report;
    },
    folders: () => noted(mailbox.folders()),
    estimate: (start) => noted(mailbox.estimate(start)),
    begin: (start) => noted(mailbox.begin(start)),
    preview: (handles) => noted(mailbox.preview(handles)),
    close: async () => {
      await mailbox.close();
      protocol.end(outcome);
      await protocol.keep();
    },
  };
}
