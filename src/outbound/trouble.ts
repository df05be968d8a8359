import type { AppError } from '../domain/app-error';
import { isOfOneMail, type OutgoingTrouble, type OutgoingTroubles } from '../domain/outgoing-trouble';
import type { Log } from '../domain/ports';

export interface TroublePorts {
  troubles: OutgoingTroubles;
  log: Log;
  /** Epoch milliseconds. */
  now(): number;
}

/** Keeps in mind since when nothing goes out through a connection, and why. Written only when that changes; never throws. */
export async function noteTrouble(ports: TroublePorts, id: string, { code, message, kind }: AppError): Promise<void> {
  if (isOfOneMail({ code, kind })) return;
  await safely(ports, id, async () => {
    const known = await ports.troubles.get(id);
    if (known?.code === code) return;
    await ports.troubles.put(id, { code, message, since: known?.since ?? ports.now() });
  });
}

/** Ends the trouble of a connection, if it has any that `ends`; never throws. */
export async function endTrouble(
  ports: TroublePorts,
  id: string,
  ends: (trouble: OutgoingTrouble) => boolean = () => true,
): Promise<void> {
  await safely(ports, id, async () => {
    const known = await ports.troubles.get(id);
    if (known !== null && ends(known)) await ports.troubles.remove(id);
  });
}

/** Whether a mail went out, or an edit was saved, must not hang on a note of it. */
async function safely({ log }: TroublePorts, id: string, note: () => Promise<void>): Promise<void> {
  try {
    await note();
  } catch (failure) {
    log('warn', 'outgoing-trouble-not-noted', { connectionId: id, failure });
  }
}
