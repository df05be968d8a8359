import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Authority, type Certificate, createAuthority } from './certificates';
import { overlayFolder, startInOverlay } from './overlay-root';
import { freePorts } from './ports';

/** A running server that takes mail for example.com from alice with the password "secret", up to `maxBytes`. */
export interface Relay {
  /** As people call it. */
  name: string;
  ports: { submission: number; smtps: number };
  /** The PEM of the authority that signed the server's certificate. */
  ca: string;
  /** Mails as they were delivered, with the header fields that the server added; in no order. */
  delivered(): Promise<string[]>;
  stop(): Promise<void>;
}

export const maxBytes = 200_000;

interface Place {
  path: string;
  submission: number;
  smtps: number;
  server: Certificate;
}

async function startRelay(name: string, packages: readonly string[], files: (place: Place) => Record<string, string>) {
  const folder = await overlayFolder(name.toLowerCase());
  const authority: Authority = await createAuthority(folder.path);
  const server = await authority.issue('server');
  await chmod(server.keyFile, 0o644);
  const mail = join(folder.path, 'mail');
  for (const one of ['', 'new', 'cur', 'tmp']) {
    await mkdir(join(mail, one), { recursive: true });
    await chmod(join(mail, one), 0o777);
  }
  const [submission = 0, smtps = 0] = await freePorts(2);
  for (const [file, text] of Object.entries(files({ path: folder.path, submission, smtps, server })))
    await writeFile(join(folder.path, file), text);
  const started = await startInOverlay(folder, name, packages, [submission, smtps]);
  const relay: Relay = {
    name,
    ports: { submission, smtps },
    ca: authority.certificate,
    async delivered() {
      const names = await readdir(join(mail, 'new'));
      return Promise.all(names.map((one) => readFile(join(mail, 'new', one), 'utf8')));
    },
    stop: started.stop,
  };
  return relay;
}

/** `later@example.com` is put off, as greylisting does; names without a dot are refused in EHLO. */
export const startPostfix = (): Promise<Relay> =>
  startRelay('Postfix', ['postfix', 'sasl2-bin', 'libsasl2-modules'], ({ path, submission, smtps, server }) => ({
    'main.cf': `
compatibility_level = 3.6
myhostname = mail.example.com
mydestination =
inet_protocols = ipv4
maillog_file = /var/log/postfix.log
message_size_limit = ${maxBytes}
virtual_mailbox_domains = example.com
virtual_mailbox_base = ${path}
virtual_mailbox_maps = static:mail/
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_minimum_uid = 1
smtpd_tls_cert_file = ${server.certificateFile}
smtpd_tls_key_file = ${server.keyFile}
smtpd_sasl_auth_enable = yes
smtpd_sasl_path = smtpd
smtpd_helo_required = yes
smtpd_helo_restrictions = reject_non_fqdn_helo_hostname
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access inline:{{later@example.com = 450 4.7.1 try again later}}
`,
    'master.cf': `
127.0.0.1:${submission} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt
127.0.0.1:${smtps} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
`,
    'start.sh': `
cp '${path}/main.cf' /etc/postfix/
sed -i '/^smtp .*inet/d' /etc/postfix/master.cf
cat '${path}/master.cf' >>/etc/postfix/master.cf
mkdir -p /etc/postfix/sasl
printf 'pwcheck_method: auxprop\\nauxprop_plugin: sasldb\\nmech_list: PLAIN LOGIN CRAM-MD5\\n' >/etc/postfix/sasl/smtpd.conf
printf secret | saslpasswd2 -p -c -u mail.example.com alice
chmod 644 /etc/sasldb2
exec postfix start-fg
`,
  }));

/** `later@example.com` is put off, as greylisting does. */
export const startExim = (): Promise<Relay> =>
  startRelay('Exim', ['exim4-daemon-light'], ({ path, submission, smtps, server }) => ({
    'exim4.conf': `
primary_hostname = mail.example.com
daemon_smtp_ports = ${submission} : ${smtps}
local_interfaces = 127.0.0.1
tls_on_connect_ports = ${smtps}
tls_advertise_hosts = *
tls_certificate = ${server.certificateFile}
tls_privatekey = ${server.keyFile}
auth_advertise_hosts = \${if eq{$tls_in_cipher}{}{}{*}}
smtputf8_advertise_hosts = *
message_size_limit = ${maxBytes}
acl_smtp_rcpt = recipient
begin acl
recipient:
  defer local_parts = later
        message = try again later
  accept authenticated = *
  deny message = relay not permitted
begin routers
everybody:
  driver = accept
  transport = maildir
begin transports
maildir:
  driver = appendfile
  directory = ${path}/mail
  maildir_format
  user = mail
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{alice}}{eq{$auth3}{secret}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = <| Username: | Password:
  server_condition = \${if and{{eq{$auth1}{alice}}{eq{$auth2}{secret}}}}
  server_set_id = $auth1
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = \${if eq{$auth1}{alice}{secret}fail}
  server_set_id = $auth1
`,
    'start.sh': `
cp '${path}/exim4.conf' /etc/exim4/exim4.conf
chown root:root /etc/exim4/exim4.conf
chmod 644 /etc/exim4/exim4.conf
exec exim4 -bdf -q1m
`,
  }));
