import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutgoingSettings } from '../../../src/domain/outgoing';
import { composeMail } from '../../../src/mail/compose';
import { gatewayMailer } from '../../../src/mail/gateway-mailer';
import { httpGateway } from '../../support/gateway';
import { startTokenIssuer } from '../../support/invocation-tokens';
import { outgoingMail } from '../../support/outgoing-mail';
import { serverCredentials } from '../mail-server/certificates';
import { startOutgoingServer } from '../mail-server/outgoing';
import { startGateway } from './gateway-process';

test("the gateway of the local host finds Microsoft's mail server on this machine, under its own name and over TLS", async (context) => {
  const address = 'support@contoso.example';
  const certificates = serverCredentials(null, ['smtp.office365.com']);
  const server = await startOutgoingServer({
    ...certificates,
    users: {},
    verifyToken: (token) => (token === 'a good token' ? address : null),
  });
  context.after(() => server.close());
  const issuer = await startTokenIssuer();
  context.after(() => issuer.stop());
  const gateway = await startGateway({
    jwksUrl: issuer.jwksUrl,
    audience: issuer.audience,
    port: 0,
    say: () => {},
    standIns: { ca: certificates.ca, ports: { 'smtp.office365.com:587': server.ports.submission } },
  });
  context.after(() => gateway.close());
  const settings: Extract<OutgoingSettings, { provider: 'microsoft-smtp' }> = {
    provider: 'microsoft-smtp',
    name: 'Desk',
    description: '',
    fromAddress: address,
    fromName: '',
    prefix: '',
    timeoutMs: 10_000,
    defaultForProjects: [],
    credentialId: 'c',
    username: address,
    host: 'smtp.office365.com',
    sharedMailbox: '',
  };
  const mailer = gatewayMailer(
    httpGateway(gateway.url, () => issuer.token()),
    settings,
    { accessToken: 'a good token' },
  );
  const report = await mailer.check();
  assert.ok(report.ok, JSON.stringify(report));
  await mailer.send(await composeMail(outgoingMail({ from: { name: '', address } }), { rawBytes: 1_000_000 }));
  assert.equal(server.received()[0]?.user, address);
});
