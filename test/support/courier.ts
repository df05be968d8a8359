import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAuthority } from './certificates';
import type { MailStore, MailStoreOptions } from './mail-store';
import { overlayFolder, startInOverlay } from './overlay-root';
import { freePorts } from './ports';

const packages = ['courier-imap', 'courier-pop', 'courier-authlib-userdb'];

/** Courier IMAP and POP3. Names and passwords have no white space. */
export async function startCourier({ users = { alice: 'secret' } }: MailStoreOptions = {}): Promise<MailStore> {
  const folder = await overlayFolder('courier');
  const authority = await createAuthority(folder.path);
  const { certificateFile, keyFile } = await authority.issue('server');
  const pem = join(folder.path, 'both.pem');
  await writeFile(pem, `${await readFile(keyFile, 'utf8')}${await readFile(certificateFile, 'utf8')}`);
  const [imap = 0, imaps = 0, pop3 = 0, pop3s = 0] = await freePorts(4);
  const common = `
ADDRESS=127.0.0.1
SSLADDRESS=127.0.0.1
MAXDAEMONS=200
MAXPERIP=100
TLS_CERTFILE=${pem}
TLS_DHPARAMS=
`;
  const files: Record<string, string> = {
    imap: `${common}PORT=${imap}\nSSLPORT=${imaps}\n`,
    pop3: `${common}PORT=${pop3}\nSSLPORT=${pop3s}\nPOP3AUTH="CRAM-MD5"\nPOP3AUTH_TLS="LOGIN PLAIN"\n`,
    users: Object.entries(users)
      .map(([name, password]) => `${name}\t${password}\n`)
      .join(''),
    'start.sh': `
cat '${folder.path}/imap' >>/etc/courier/imapd
cat '${folder.path}/imap' >>/etc/courier/imapd-ssl
cat '${folder.path}/pop3' >>/etc/courier/pop3d
cat '${folder.path}/pop3' >>/etc/courier/pop3d-ssl
sed -i 's/^authmodulelist=.*/authmodulelist="authuserdb"/' /etc/courier/authdaemonrc
umask 077
# Another start begins with what the one before wrote.
rm -f /etc/courier/userdb
while read -r name password; do
  home=/srv/mail/$name
  mkdir -p "$home"
  [ -e "$home/Maildir" ] || /usr/bin/maildirmake "$home/Maildir"
  printf '%s\\tuid=%s|gid=%s|home=%s|mail=%s|systempw=%s|hmac-md5pw=%s\\n' "$name" \\
    "$(id -u courier)" "$(id -g courier)" "$home" "$home/Maildir" \\
    "$(printf '%s\\n' "$password" | userdbpw)" "$(printf '%s\\n%s\\n' "$password" "$password" | userdbpw -hmac-md5)" \\
    >>/etc/courier/userdb
done <'${folder.path}/users'
chown -R courier:courier /srv/mail
chmod 700 /etc/courier/userdb
makeuserdb
umask 022
mkdir -p /run/courier/authdaemon
chown courier:courier /run/courier /run/courier/authdaemon
/usr/sbin/authdaemond start
for one in imapd imapd-ssl pop3d pop3d-ssl; do /usr/lib/courier/$one start; done
exec sleep infinity
`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text);
  const server = await startInOverlay(folder, 'Courier', packages, [imap, imaps, pop3, pop3s]);
  return {
    name: 'Courier',
    host: '127.0.0.1',
    ports: { imap, imaps, pop3, pop3s },
    ca: authority.certificate,
    authority,
    users,
    prefix: 'INBOX.',
    separator: '.',
    ...server,
  };
}
