import { after, before } from 'node:test';
import { demoApplications } from '../emulator/local/providers';
import { authorized, registered } from '../support/authorized';
import { type Product, startProduct } from '../support/product';
import { callCounter, type Sweep, sweepOver, sweepTests } from '../support/sweep';

/** Polls of Gmail, broken at every call of the platform and of Google. */
const address = 'support@gmail.example';
let product: Product;
let sweep: Sweep;

before(async () => {
  const calls = callCounter();
  product = await startProduct({ searchLagMs: 60_000, observe: calls.observe });
  const { google } = product.providers;
  const credentialId = await registered(product, demoApplications[0]);
  const access = await authorized(product, credentialId, 'gmail', address);
  const { id } = await product.open(
    { provider: 'google', name: 'Gmail', credentialId, username: address, afterDownload: 'delete' },
    access,
  );
  const inInbox = ({ id }: { id: string }) => google.labelsOf(address, id)?.includes('INBOX') === true;
  sweep = sweepOver(
    {
      product,
      connectionId: id,
      deliver: async (raws) => {
        for (const raw of raws) google.deliver(raw, { mailbox: address });
      },
      left: async () => google.messages(address).filter(inInbox).length,
      copiesAreOne: false,
    },
    calls,
  );
});
after(() => product?.close());

sweepTests('Gmail', () => sweep);
