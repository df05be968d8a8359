import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAuthority } from './certificates';
import type { MailStore, MailStoreOptions } from './mail-store';
import { overlayFolder, startInOverlay } from './overlay-root';
import { freePorts } from './ports';

const packages = ['cyrus-imapd', 'cyrus-pop3d', 'sasl2-bin', 'libsasl2-modules'];

/** Cyrus IMAP and POP3. An inbox is made at the first sign-in. `admin` with the password "admin" may do everything. */
export async function startCyrus({ users = { alice: 'secret' } }: MailStoreOptions = {}): Promise<MailStore> {
  const folder = await overlayFolder('cyrus');
  const authority = await createAuthority(folder.path);
  const { certificateFile, keyFile } = await authority.issue('server');
  await chmod(keyFile, 0o644);
  const [imap = 0, imaps = 0, pop3 = 0, pop3s = 0] = await freePorts(4);
  const files: Record<string, string> = {
    'imapd.conf': `
configdirectory: /var/lib/cyrus
partition-default: /var/spool/cyrus/mail
proc_path: /run/cyrus/proc
mboxname_lockpath: /run/cyrus/lock
idlesocket: /run/cyrus/socket/idle
admins: admin
allowplaintext: yes
autocreate_quota: 0
hashimapspool: true
popminpoll: 0
maxlogins_per_host: 0
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: ${folder.path}/sasldb2
sasl_mech_list: PLAIN LOGIN CRAM-MD5
tls_server_cert: ${certificateFile}
tls_server_key: ${keyFile}
syslog_prefix: cyrus
`,
    'cyrus.conf': `
START {
  recover cmd="/usr/lib/cyrus/bin/ctl_cyrusdb -C ${folder.path}/imapd.conf -r"
}
SERVICES {
  imap cmd="imapd -C ${folder.path}/imapd.conf" listen="127.0.0.1:${imap}" prefork=1
  imaps cmd="imapd -C ${folder.path}/imapd.conf -s" listen="127.0.0.1:${imaps}" prefork=1
  pop3 cmd="pop3d -C ${folder.path}/imapd.conf" listen="127.0.0.1:${pop3}" prefork=0
  pop3s cmd="pop3d -C ${folder.path}/imapd.conf -s" listen="127.0.0.1:${pop3s}" prefork=0
}
EVENTS {
}
`,
    users: Object.entries({ ...users, admin: 'admin' })
      .map(([name, password]) => `${name}\t${password}\n`)
      .join(''),
    'start.sh': `
mkdir -p /run/cyrus/proc /run/cyrus/lock /run/cyrus/socket
chown -R cyrus:mail /run/cyrus
while IFS='\t' read -r name password; do
  printf %s "$password" | saslpasswd2 -p -c -u "$(hostname)" -f '${folder.path}/sasldb2' "$name"
done <'${folder.path}/users'
chmod 644 '${folder.path}/sasldb2'
exec /usr/lib/cyrus/bin/master -C '${folder.path}/imapd.conf' -M '${folder.path}/cyrus.conf' -p /run/cyrus/master.pid
`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text);
  const server = await startInOverlay(folder, 'Cyrus', packages, [imap, imaps, pop3, pop3s]);
  return {
    name: 'Cyrus',
    host: '127.0.0.1',
    ports: { imap, imaps, pop3, pop3s },
    ca: authority.certificate,
    authority,
    users,
    prefix: '',
    separator: '/',
    ...server,
  };
}
