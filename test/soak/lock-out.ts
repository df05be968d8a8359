import type { Machines, SoakMailbox } from './mailboxes';

/** The password of a mailbox changes on its server, until an administrator enters the new one. */
export function lockOut({ product, dovecot }: Machines, mailboxes: readonly SoakMailbox[]) {
  const chosen = mailboxes
    .filter(({ user }) => user !== null)
    .slice(0, Math.max(1, Math.floor(mailboxes.length / 300)));
  const password = 'changed';
  const waiting = new Set(chosen);
  const seen = new Set<SoakMailbox>();
  return {
    begin: async () => {
      for (const { user } of chosen) if (user !== null) await dovecot.setPassword(user, password);
    },
    /** Does what is left to do; what fails is tried again the next time, as people do. */
    end: async () => {
      for (const mailbox of [...waiting]) {
        const { id, version, settings, state } = await product.call('connections.get', { id: mailbox.connectionId });
        if (state === 'suspended') {
          seen.add(mailbox);
          await product.call('connections.update', { id, version, settings, password });
        } else if (seen.has(mailbox)) waiting.delete(mailbox);
        else throw new Error(`${settings.name} is ${state} although its password is wrong.`);
      }
    },
    /** Whether all of them are suspended, or were. */
    isFound: async () => {
      const states = await Promise.all(
        [...waiting].map(({ connectionId }) => product.call('connections.get', { id: connectionId })),
      );
      return states.every(({ id, state }) => state === 'suspended' || [...seen].some((one) => one.connectionId === id));
    },
    /** Connections that were found suspended. */
    suspended: () => seen.size,
  };
}
