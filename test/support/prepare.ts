import { execFileSync, spawnSync } from 'node:child_process';

/** Programs that tests run for real, with the Debian packages that bring them. */
const programs = [
  { command: 'dovecot', packages: ['dovecot-imapd', 'dovecot-pop3d'] },
  { command: 'haproxy', packages: ['haproxy'] },
  { command: 'openssl', packages: ['openssl'] },
  { command: 'chromium', packages: ['chromium', 'fonts-noto-core'] },
];

const isThere = (command: string): boolean =>
  spawnSync('sh', ['-c', `PATH="$PATH:/usr/sbin:/sbin" command -v ${command}`]).status === 0;

/**
 * Installs through apt what the tests need and this machine lacks.
 * @throws Error that says what to install by hand where that is not possible.
 */
export function prepareMachine(): void {
  const packages = programs.filter(({ command }) => !isThere(command)).flatMap((program) => program.packages);
  if (packages.length === 0) return;
  const isRoot = process.getuid?.() === 0;
  const runner = isRoot ? [] : isThere('sudo') ? ['sudo', '-n'] : null;
  const advice = `The tests need ${packages.join(', ')}. Install them, e.g.: sudo apt-get install ${packages.join(' ')}`;
  if (runner === null || !isThere('apt-get')) throw new Error(advice);
  process.stdout.write(`Installing ${packages.join(', ')} …\n`);
  try {
    for (const words of [
      ['apt-get', 'update', '-qq'],
      ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages],
    ]) {
      const [command = '', ...rest] = [...runner, ...words];
      execFileSync(command, rest, {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      });
    }
  } catch (cause) {
    throw new Error(`${advice} (apt-get did not succeed.)`, { cause });
  }
}
