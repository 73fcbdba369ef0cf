import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runChild } from './run-child.js';

/** Programs (and one plug-in) that the tests check Sextant against, and the Debian package that brings each. */
const programs = {
  age: 'age',
  chromium: 'chromium',
  debootstrap: 'debootstrap',
  faketime: 'faketime',
  fusefat: 'fusefat',
  gcc: 'gcc',
  ip: 'iproute2',
  ipmitool: 'ipmitool',
  'lmnsd_gtls.so': 'rsyslog-gnutls',
  logger: 'bsdutils',
  losetup: 'mount',
  minisign: 'minisign',
  'mkfs.exfat': 'exfatprogs',
  'mkfs.ext4': 'e2fsprogs',
  'mkfs.vfat': 'dosfstools',
  'mount.exfat-fuse': 'exfat-fuse',
  msibuild: 'msitools',
  'ntfs-3g': 'ntfs-3g',
  openssl: 'openssl',
  python3: 'python3',
  rsyslogd: 'rsyslog',
  sha512sum: 'coreutils',
  smartctl: 'smartmontools',
  'systemd-journal-remote': 'systemd-journal-remote',
  'systemd-nspawn': 'systemd-container',
  unshare: 'util-linux',
  unzip: 'unzip',
  upsc: 'nut-client',
  wine: 'wine',
  wine64: 'wine64',
  wixl: 'wixl',
  'x86_64-w64-mingw32-gcc': 'gcc-mingw-w64-x86-64-win32',
};

/**
 * Installs what is missing when that is possible (root on Debian or Ubuntu), and otherwise says loudly what is missing
 * and how to get it; tests that need a missing program skip and say so. Resolves with the names still missing.
 */
export async function installSystemPackages() {
  const missing = missingPrograms();
  if (missing.length === 0) return [];
  const packages = [...new Set(missing.map((name) => programs[name]))];
  const aptGet = find('apt-get');
  if (process.getuid?.() !== 0 || !aptGet) {
    console.error(`
  !!  The tests need programs that this machine lacks: ${missing.join(', ')}
  !!  Install them as root:  apt-get install ${packages.join(' ')}
  !!  Until then the tests that need them are SKIPPED.
`);
    return missing;
  }
  console.error(`sextant: installing system packages for the tests: ${packages.join(' ')} …`);
  const options = {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
  };
  await runChild(aptGet, ['-qq', 'update'], options);
  const code = await runChild(aptGet, ['-qq', 'install', '-y', '--no-install-recommends', ...packages], options);
  const still = missingPrograms();
  if (code !== 0 || still.length > 0) {
    console.error(`
  !!  apt-get could not install: ${still.join(', ')} (its reason is above)
  !!  The tests that need them are SKIPPED.
`);
  }
  return still;
}

/** Where Debian puts what is not on a user's PATH: daemons, rsyslog's plug-ins, Wine's loader. */
const moreFolders = ['/usr/sbin', '/sbin', '/lib/systemd', '/usr/lib/x86_64-linux-gnu/rsyslog', '/usr/lib/wine'];

const missingPrograms = () => Object.keys(programs).filter((name) => !find(name));

function find(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...moreFolders];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
