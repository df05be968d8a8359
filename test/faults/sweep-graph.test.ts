import { after, before } from 'node:test';
import { demoApplications } from '../emulator/local/providers';
import { authorized, registered } from '../support/authorized';
import { type Product, startProduct } from '../support/product';
import { callCounter, type Sweep, sweepOver, sweepTests } from '../support/sweep';

/** Polls of Microsoft Graph, broken at every call of the platform and of Microsoft. */
const address = 'support@contoso.example';
let product: Product;
let sweep: Sweep;

before(async () => {
  const calls = callCounter();
  product = await startProduct({ searchLagMs: 60_000, observe: calls.observe });
  const { microsoft } = product.providers;
  const credentialId = await registered(product, demoApplications[1]);
  const access = await authorized(product, credentialId, 'graph', address);
  const { id } = await product.open(
    { provider: 'microsoft-graph', name: 'Graph', credentialId, username: address, afterDownload: 'delete' },
    access,
  );
  sweep = sweepOver(
    {
      product,
      connectionId: id,
      deliver: async (raws) => {
        for (const raw of raws) microsoft.deliver(raw, { mailbox: address });
      },
      left: async () => microsoft.messages(address).filter(({ folder }) => /inbox/i.test(folder)).length,
      copiesAreOne: false,
    },
    calls,
  );
});
after(() => product?.close());

sweepTests('Graph', () => sweep);
