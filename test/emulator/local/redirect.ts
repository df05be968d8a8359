import dnsPromises from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';
import { Socket } from 'node:net';

/**
 * Loaded before the gateway: servers of the internet that have a stand-in on this machine are found there, under their own
 * names and with the port that the stand-in has. REDIRECT holds `{"host:port": port}`.
 */
const standIns = new Map<string, number>(Object.entries(JSON.parse(process.env.REDIRECT ?? '{}')));
const hosts = new Set([...standIns.keys()].map((place) => place.replace(/:\d+$/, '')));

const lookup = dnsPromises.lookup;
Object.assign(dnsPromises, {
  lookup: (host: string, options: object) =>
    hosts.has(host) ? Promise.resolve([{ address: '127.0.0.1', family: 4 }]) : lookup(host, options),
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
