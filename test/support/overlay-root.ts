import { execFile, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { answers } from './ports';

/**
 * Mail servers whose Debian packages exclude each other. Each runs in an overlay of the machine's root, in namespaces of its
 * own: when its first process ends, the kernel ends the others and takes the mounts away, whatever happened to the tests.
 */

/** Mounts in a namespace of their own, so that nobody else sees them. */
const apart = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private'];

/** Why no server can run in an overlay on this machine; null where one can. */
export const overlayProblem: string | null = (() => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root on Linux may mount an overlay';
  const trial = `
own=$(mktemp -d)
mkdir "$own/u" "$own/w" "$own/r"
mount -t overlay overlay -o "lowerdir=/,upperdir=$own/u,workdir=$own/w" "$own/r"
status=$?
umount "$own/r"
rm -rf "$own"
exit $status`;
  const { status, stderr } = spawnSync('unshare', [...apart, 'sh', '-c', trial], { encoding: 'utf8' });
  return status === 0 ? null : `this machine mounts no overlay: ${(stderr ?? '').trim().split('\n')[0]}`;
})();

/** What both installing and running need in a new root, which is `$root`. */
const furnish = `
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
# These may be links to, or mounts from, what an overlay does not show.
for file in resolv.conf hosts; do
  cat /etc/$file >"$own/$file"
  rm -f "$root/etc/$file"
  cp "$own/$file" "$root/etc/$file"
done
`;

const install = `
set -eu
[ ! -e "$layer" ] || exit 0
own=$layer.part
root=$own/root
rm -rf "$own"
mkdir -p "$own/upper" "$own/work" "$root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$own/upper,workdir=$own/work" "$root"
${furnish}
printf '#!/bin/sh\\nexit 101\\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
export DEBIAN_FRONTEND=noninteractive
get() { chroot "$root" apt-get install -y -qq --no-install-recommends $packages; }
get || { chroot "$root" apt-get update -qq && get; }
umount -R "$root/dev" "$root/proc"
umount "$root"
rm -rf "$own/upper/var/cache" "$own/upper/var/lib/apt/lists" "$own/upper/usr/share/doc" "$own/upper/usr/share/man"
mv "$own/upper" "$layer"
rm -rf "$own"
`;

/**
 * Installs packages into a layer above the machine's root, once: it is kept in the temporary folder for the next run. Two that
 * ask at once wait for each other.
 * @returns the folder of the layer
 */
async function installed(name: string, packages: readonly string[]): Promise<string> {
  const cache = join(tmpdir(), 'letterbox-overlays');
  await mkdir(cache, { recursive: true, mode: 0o755 });
  if ((await lstat(cache)).uid !== 0) throw new Error(`${cache} belongs to somebody else. Remove it.`);
  const release = await readFile('/etc/os-release', 'utf8');
  const key = createHash('sha256')
    .update([release, install, ...packages].join('\n'))
    .digest('hex')
    .slice(0, 12);
  const layer = join(cache, `${name}-${key}`);
  const env = { ...process.env, layer, packages: packages.join(' ') };
  await promisify(execFile)('flock', [join(cache, 'lock'), 'unshare', ...apart, 'sh', '-c', install], {
    env,
    maxBuffer: 16 * 1024 * 1024,
  });
  return layer;
}

const run = `
set -eu
mount -t tmpfs tmpfs "$own/memory"
# A layer that lies below the root may not be laid over it; a copy elsewhere may.
cp -a "$layer" "$own/memory/upper"
mkdir "$own/memory/work"
root=$own/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$own/memory/upper,workdir=$own/memory/work" "$root"
mkdir -p "$root$own/shared"
mount --bind "$own/shared" "$root$own/shared"
${furnish}
serve() {
  { chroot "$root" sh -eu "$own/shared/start.sh" 2>&1 || true; echo "The server ended."; } &
}
serve
# Comes to its end when whoever started this closes the pipe, or is no more.
while read -r order; do
  case $order in
    stop) kill -9 -1 || true ;;
    start) serve ;;
  esac
done
kill -9 -1 || true
sleep 0.05
umount -R "$root" && umount "$own/memory" && rm -rf --one-file-system "$own"
`;

export interface OverlayServer {
  /** Starts again on the same ports and files after `stop({ keep: true })`. @throws Error as `startInOverlay` */
  start(): Promise<void>;
  /** Kills everything in it, as a power cut would; `keep` leaves its files for another start. */
  stop(options?: { keep: boolean }): Promise<void>;
}

export interface OverlayFolder {
  /** The same inside and outside of the overlay. */
  path: string;
  remove(): Promise<void>;
}

/** A folder for a server's certificates and settings, and its `start.sh`, which is to go on as long as the server runs. */
export async function overlayFolder(name: string): Promise<OverlayFolder> {
  const own = await mkdtemp(join(tmpdir(), `letterbox-${name}-`));
  await chmod(own, 0o755);
  for (const folder of ['shared', 'memory', 'root']) await mkdir(join(own, folder), { mode: 0o755 });
  return { path: join(own, 'shared'), remove: () => rm(own, { recursive: true, force: true, maxRetries: 5 }) };
}

/**
 * Runs the `start.sh` of the folder where the packages are installed, until all ports answer; another start runs it again. What
 * the server writes outside of the folder stays in memory, and is gone with it.
 * @throws Error with what the server said when it does not start
 */
export async function startInOverlay(
  { path, remove }: OverlayFolder,
  name: string,
  packages: readonly string[],
  ports: readonly number[],
): Promise<OverlayServer> {
  const layer = await installed(name, packages);
  const child = spawn('unshare', [...apart, 'sh', '-c', run], {
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8', layer, own: join(path, '..') },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  const hear = (chunk: unknown) => {
    said = `${said}${chunk}`.slice(-20_000);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  child.stdin.on('error', () => {});
  const ended = new Promise((resolve) => child.once('exit', resolve));
  async function stop({ keep } = { keep: false }): Promise<void> {
    if (keep) {
      child.stdin.write('stop\n');
      while ((await Promise.all(ports.map(answers))).some(Boolean)) await sleep(20);
      return;
    }
    child.stdin.end();
    await ended;
    await remove();
  }
  async function untilReady(): Promise<void> {
    for (let waited = 0; waited < 30_000; waited += 50) {
      if (child.exitCode !== null || said.includes('The server ended.')) break;
      if ((await Promise.all(ports.map(answers))).every(Boolean)) return;
      await sleep(50);
    }
    await stop();
    throw new Error(`${name} did not start: ${said}`);
  }
  async function start(): Promise<void> {
    said = '';
    child.stdin.write('start\n');
    await untilReady();
  }
  await untilReady();
  return { start, stop };
}
