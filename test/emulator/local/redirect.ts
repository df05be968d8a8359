import dnsPromises from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';
import { Socket } from 'node:net';
import tls, { rootCertificates } from 'node:tls';

/**
 * Loaded before the gateway: servers of the internet that have a stand-in on this machine are found there, under their own
 * names and with the port that the stand-in has. REDIRECT holds `{"host:port": port}`, REDIRECT_CA the PEM of the
 * authority behind their certificates.
 */
const standIns = new Map<string, number>(Object.entries(JSON.parse(process.env.REDIRECT ?? '{}')));
const hosts = new Set([...standIns.keys()].map((place) => place.replace(/:\d+$/, '')));

const lookup = dnsPromises.lookup;
Object.assign(dnsPromises, {
  lookup: (host: string, options: object) =>
    hosts.has(host) ? Promise.resolve([{ address: '127.0.0.1', family: 4 }]) : lookup(host, options),
});
const connectTls = tls.connect;
Object.assign(tls, {
  connect: (...args: unknown[]) => {
    const options = Object(args[0]);
    // For these only: a certificate of another server must stay as untrusted as it is on the internet.
    if (hosts.has(options.servername ?? options.host))
      args[0] = { ...options, ca: [...rootCertificates, process.env.REDIRECT_CA ?? ''] };
    return Reflect.apply(connectTls, tls, args);
  },
});
syncBuiltinESMExports();

const connect = Socket.prototype.connect;
Object.assign(Socket.prototype, {
  connect(this: Socket, ...args: unknown[]) {
    // `net.connect` hands on its arguments as one list.
    const [first] = args;
    const options = Object(Array.isArray(first) ? first[0] : first);
    const port = standIns.get(`${options.host}:${options.port}`);
    if (port !== undefined) options.port = port;
    return Reflect.apply(connect, this, args);
  },
});
