import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Authority, type Certificate, createAuthority } from './certificates';
import { appendMail } from './imap-append';
import { answers, freePorts } from './ports';

export interface DovecotOptions {
  /** Names and passwords; default: alice with "secret". */
  users?: Readonly<Record<string, string>>;
  /** Where OAuth2 tokens are checked (POST, RFC 7662); without it only passwords are accepted. */
  introspectionUrl?: string;
  /** Between the levels of folder names; default "/". */
  separator?: string;
  /** Makes the server's certificate; default: one for localhost and 127.0.0.1. */
  certificate?: (authority: Authority) => Promise<Certificate>;
  /** Lines added to the configuration. */
  extra?: string;
}

/** A running Dovecot of its own, on loopback, in a temporary folder. */
export interface Dovecot {
  host: string;
  ports: { imap: number; imaps: number; pop3: number; pop3s: number };
  /** The PEM of the authority that signed the server's certificate. */
  ca: string;
  authority: Authority;
  users: Readonly<Record<string, string>>;
  /** Puts mail into a folder (made if missing), thousands in seconds. Line ends must be CRLF. */
  append(user: string, messages: Iterable<string | Uint8Array>, folder?: string): Promise<void>;
  /** Runs doveadm on this server, e.g. `doveadm('mailbox', 'create', '-u', 'alice', 'Sub/One')`; answers its output. */
  doveadm(...args: string[]): Promise<string>;
  /** Changes a user's password and ends the sessions that began with the old one. */
  setPassword(user: string, password: string): Promise<void>;
  /** Starts again on the same ports and mail after `stop({ keep: true })`. */
  start(): Promise<void>;
  stop(options?: { keep: boolean }): Promise<void>;
}

const missing =
  'These tests need the Dovecot mail server, which is not installed. On Debian and Ubuntu: ' +
  'apt-get install dovecot-imapd dovecot-pop3d (and do not let it run as a service).';

function findBinary(name: string): string {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin', '/usr/bin'];
  const found = folders.map((folder) => join(folder, name)).find(existsSync);
  if (found === undefined) throw new Error(missing);
  return found;
}

interface Layout {
  folder: string;
  ports: Dovecot['ports'];
  server: Certificate;
  options: DovecotOptions;
}

function configuration({ folder, ports, server, options }: Layout): string {
  const { uid, gid, username } = userInfo();
  const asRoot = uid === 0;
  // An ordinary user can't change root: without these lines anvil crash-loops.
  const chroot = asRoot ? '' : 'chroot =';
  const oauth = `
passdb {
  driver=oauth2
  mechanisms=xoauth2 oauthbearer
  args=${folder}/oauth2.conf.ext
}`;
  return `
base_dir=${folder}/base
state_dir=${folder}/state
log_path=${folder}/log
protocols=imap pop3
listen=127.0.0.1
mail_fsync=never
default_internal_user=${asRoot ? 'dovecot' : username}
${asRoot ? '' : `default_internal_group=${gid}`}
default_login_user=${asRoot ? 'dovenull' : username}
first_valid_uid=1
auth_mechanisms=plain login xoauth2 oauthbearer
auth_failure_delay=0
mail_fsync=never
mail_max_userip_connections=100
ssl=yes
ssl_cert=<${server.certificateFile}
ssl_key=<${server.keyFile}
mail_location=sdbox:${folder}/mail/%n
namespace inbox {
  inbox=yes
  separator=${options.separator ?? '/'}
}
${options.introspectionUrl === undefined ? '' : oauth}
passdb {
  driver=passwd-file
  mechanisms=plain login
  args=username_format=%n ${folder}/users
}
userdb {
  driver=static
  args=uid=${asRoot ? 'dovecot' : uid} gid=${asRoot ? 'dovecot' : gid} home=${folder}/mail/%n allow_all_users=yes
}
service imap-login {
  ${chroot}
  inet_listener imap {
    port=${ports.imap}
  }
  inet_listener imaps {
    port=${ports.imaps}
    ssl=yes
  }
}
service pop3-login {
  ${chroot}
  inet_listener pop3 {
    port=${ports.pop3}
  }
  inet_listener pop3s {
    port=${ports.pop3s}
    ssl=yes
  }
}
service anvil {
  ${chroot}
  # Else each failed sign-in makes the next one wait longer.
  unix_listener anvil-auth-penalty {
    mode=0
  }
}
${options.extra ?? ''}
`;
}

async function writeFiles(layout: Layout, users: Readonly<Record<string, string>>): Promise<void> {
  const { folder, options } = layout;
  await mkdir(join(folder, 'mail'), { mode: 0o777 });
  await chmod(join(folder, 'mail'), 0o777);
  await writeUsers(folder, users);
  if (options.introspectionUrl !== undefined) {
    const oauth = [
      'introspection_mode=post',
      `introspection_url=${options.introspectionUrl}`,
      'username_attribute=email',
      'active_attribute=active',
      'active_value=true',
    ];
    await writeFile(join(folder, 'oauth2.conf.ext'), `${oauth.join('\n')}\n`);
  }
  await writeFile(join(folder, 'dovecot.conf'), configuration(layout));
}

async function writeUsers(folder: string, users: Readonly<Record<string, string>>): Promise<void> {
  const passwords = Object.entries(users).map(([name, password]) => `${name}:{PLAIN}${password}::::::\n`);
  await writeFile(join(folder, 'users'), passwords.join(''), { mode: 0o644 });
}

/** Starts Dovecot, which must be installed, and waits until it answers. Call `stop` when done. */
export async function startDovecot(options: DovecotOptions = {}): Promise<Dovecot> {
  const binary = findBinary('dovecot');
  const doveadmBinary = findBinary('doveadm');
  const users: Record<string, string> = { ...(options.users ?? { alice: 'secret' }) };
  const folder = await mkdtemp(join(tmpdir(), 'letterbox-dovecot-'));
  await chmod(folder, 0o755);
  const authority = await createAuthority(folder);
  const server = await (options.certificate ?? ((by: Authority) => by.issue('server')))(authority);
  const [imap = 0, imaps = 0, pop3 = 0, pop3s = 0] = await freePorts(4);
  const ports = { imap, imaps, pop3, pop3s };
  await writeFiles({ folder, ports, server, options }, users);
  const configurationFile = join(folder, 'dovecot.conf');

  async function doveadm(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(doveadmBinary, ['-c', configurationFile, ...args]);
    return stdout;
  }

  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const started = spawn(binary, ['-F', '-c', configurationFile], {
      stdio: ['ignore', 'ignore', 'pipe'],
      // A group of its own: sessions live on in processes that outlive the one that started them.
      detached: true,
    });
    child = started;
    let complaints = '';
    started.stderr?.on('data', (chunk) => {
      complaints += chunk;
    });
    for (let waited = 0; waited < 15_000; waited += 25) {
      const log = await readFile(join(folder, 'log'), 'utf8').catch(() => '');
      if (started.exitCode !== null) throw new Error(`Dovecot did not start: ${complaints}${log}`);
      if (await answers(ports.imap)) return;
      await sleep(25);
    }
    throw new Error('Dovecot did not start within 15 seconds.');
  }

  async function stop({ keep } = { keep: false }): Promise<void> {
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child?.once('exit', resolve));
      process.kill(-(child.pid ?? 0), 'SIGTERM');
      await ended;
    }
    if (!keep) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async function append(user: string, messages: Iterable<string | Uint8Array>, into = 'INBOX'): Promise<void> {
    await appendMail({ port: ports.imap, user, password: users[user] ?? '', folder: into }, messages);
  }

  async function setPassword(user: string, password: string): Promise<void> {
    users[user] = password;
    await writeUsers(folder, users);
    await stop({ keep: true });
    await start();
  }

  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  const certificates = { ca: authority.certificate, authority };
  return { host: '127.0.0.1', ports, ...certificates, users, append, doveadm, setPassword, start, stop };
}
