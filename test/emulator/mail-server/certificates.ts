import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname } from 'node:path';

/**
 * X.509 certificates (RFC 5280) for the embedded mail server: an authority that is made once and kept, and a server
 * certificate that is made at each start.
 */
export interface ServerCredentials {
  /** PEM; what an administrator pastes as the private CA. */
  ca: string;
  cert: string;
  key: string;
}

const day = 24 * 60 * 60_000;

/** @param file where the authority is kept; null makes a new one each time */
export function serverCredentials(file: string | null, names: readonly string[]): ServerCredentials {
  const authority = file === null ? createAuthority() : keptAuthority(file);
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const cert = certificate({
    subject: names[0] ?? 'localhost',
    issuer: authorityName,
    publicKey,
    signingKey: authority.key,
    days: 365,
    extensions: [
      extension(oids.basicConstraints, sequence(), true),
      extension(oids.keyUsage, bits(0b1000_0000, 7), true),
      extension(oids.extendedKeyUsage, sequence(oid(oids.serverAuth))),
      extension(oids.subjectAltName, sequence(...names.map(alternativeName))),
      extension(oids.authorityKeyIdentifier, sequence(tagged(0x80, keyIdentifier(createPublicKey(authority.key))))),
    ],
  });
  return { ca: authority.cert, cert, key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })) };
}

const authorityName = 'Letterbox local mail CA';

interface Authority {
  cert: string;
  key: KeyObject;
}

function createAuthority(): Authority {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const cert = certificate({
    subject: authorityName,
    issuer: authorityName,
    publicKey,
    signingKey: privateKey,
    days: 3_650,
    extensions: [
      extension(oids.basicConstraints, sequence(boolean(true)), true),
      extension(oids.keyUsage, bits(0b0000_0110, 1), true),
      extension(oids.subjectKeyIdentifier, tagged(0x04, keyIdentifier(publicKey))),
    ],
  });
  return { cert, key: privateKey };
}

function keptAuthority(file: string): Authority {
  if (existsSync(file)) {
    const pem = readFileSync(file, 'utf8');
    const cert = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n/.exec(pem)?.[0];
    if (cert !== undefined) return { cert, key: createPrivateKey(pem) };
  }
  const authority = createAuthority();
  mkdirSync(dirname(file), { recursive: true });
  // One file, renamed into place: a kill can't leave a key without its certificate.
  writeFileSync(`${file}.new`, authority.cert + authority.key.export({ type: 'pkcs8', format: 'pem' }), {
    mode: 0o600,
  });
  renameSync(`${file}.new`, file);
  return authority;
}

interface CertificateContent {
  subject: string;
  issuer: string;
  publicKey: KeyObject;
  signingKey: KeyObject;
  days: number;
  extensions: Buffer[];
}

function certificate({ subject, issuer, publicKey, signingKey, days, extensions }: CertificateContent): string {
  const algorithm = sequence(oid(oids.ecdsaWithSha256));
  const serial = randomBytes(16);
  serial.writeUInt8((serial.readUInt8(0) & 0x7f) | 0x40, 0);
  const content = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    name(issuer),
    // A day of room: clocks of other machines run behind.
    sequence(time(Date.now() - day), time(Date.now() + days * day)),
    name(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions)),
  );
  const signed = sequence(content, algorithm, bits(sign('sha256', content, signingKey), 0));
  const lines = signed.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

const oids = {
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const;

/** DER (X.690): tag, length, content. */
function tagged(tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = Buffer.from(body.length.toString(16).padStart(body.length > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

const sequence = (...content: Uint8Array[]) => tagged(0x30, ...content);
const integer = (bytes: Uint8Array) => tagged(0x02, bytes);
const boolean = (value: boolean) => tagged(0x01, Buffer.from([value ? 0xff : 0]));
const bits = (content: Uint8Array | number, unused: number) =>
  tagged(0x03, Buffer.from([unused]), typeof content === 'number' ? Buffer.from([content]) : content);
const name = (commonName: string) =>
  sequence(tagged(0x31, sequence(oid(oids.commonName), tagged(0x0c, Buffer.from(commonName)))));
const extension = (id: string, value: Uint8Array, critical = false) =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), tagged(0x04, value));
const keyIdentifier = (key: KeyObject) =>
  createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();

/** RFC 5280 §4.1.2.5: UTCTime up to 2049, which these never pass. */
const time = (at: number) =>
  tagged(0x17, Buffer.from(`${new Date(at).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const encoded = [first * 40 + second, ...rest].flatMap((part) => {
    const groups = [part & 0x7f];
    for (let left = part >>> 7; left > 0; left >>>= 7) groups.unshift(0x80 | (left & 0x7f));
    return groups;
  });
  return tagged(0x06, Buffer.from(encoded));
}

function alternativeName(host: string): Buffer {
  const version = isIP(host);
  if (version === 0) return tagged(0x82, Buffer.from(host));
  if (version === 4) return tagged(0x87, Buffer.from(host.split('.').map(Number)));
  // Only the loopback address is ever asked for.
  return tagged(0x87, Buffer.concat([Buffer.alloc(15), Buffer.from([1])]));
}
