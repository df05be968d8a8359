import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const openssl = async (...args: string[]) => {
  await promisify(execFile)('openssl', args);
};

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** A certificate and its key: PEM texts, and the files that hold them. */
export interface Certificate {
  certificate: string;
  key: string;
  certificateFile: string;
  keyFile: string;
}

export interface Authority extends Certificate {
  /** Signs a server certificate for `names` (DNS names, or IP addresses). */
  issue(name: string, options?: IssueOptions): Promise<Certificate>;
}

export interface IssueOptions {
  /** Names that the certificate is good for; default: `localhost` and 127.0.0.1. */
  names?: readonly string[];
  /** Days from now; a negative number makes an expired certificate. */
  days?: number;
}

async function load(certificateFile: string, keyFile: string): Promise<Certificate> {
  const [certificate, key] = await Promise.all([readFile(certificateFile, 'utf8'), readFile(keyFile, 'utf8')]);
  return { certificate, key, certificateFile, keyFile };
}

/** A private certificate authority in `folder`, made with the openssl command. */
export async function createAuthority(folder: string, commonName = 'Letterbox test authority'): Promise<Authority> {
  const file = join(folder, 'ca.pem');
  const keyFile = join(folder, 'ca.key');
  await openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    keyFile,
    '-out',
    file,
    '-subj',
    `/CN=${commonName}`,
    '-days',
    '30',
  );

  async function issue(name: string, { names = ['localhost', '127.0.0.1'], days = 7 }: IssueOptions = {}) {
    const path = (extension: string) => join(folder, `${name}.${extension}`);
    const isAddress = (host: string) => /^[0-9.]+$|:/.test(host);
    const alternatives = names.map((host) => `${isAddress(host) ? 'IP' : 'DNS'}:${host}`).join(',');
    await writeFile(path('ext'), `subjectAltName=${alternatives}\n`);
    const subject = `/CN=${names[0] ?? name}`;
    await openssl('req', ...newKey, '-keyout', path('key'), '-out', path('csr'), '-subj', subject);
    const signing = ['-CA', file, '-CAkey', keyFile, '-CAcreateserial', '-days', String(days), '-extfile', path('ext')];
    await openssl('x509', '-req', '-in', path('csr'), ...signing, '-out', path('pem'));
    return load(path('pem'), path('key'));
  }

  return { ...(await load(file, keyFile)), issue };
}
