import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkout } from '../runtime.js';

/**
 * The licence texts of all packages that these modules come from, as one text. Throws when a package says neither in a
 * file nor in its manifest what its licence is.
 *
 * @param {Iterable<string>} modules paths of what was bundled
 */
export function licenceTexts(modules) {
  const packages = [...new Set([...modules].map(packageOf).filter(Boolean))].sort();
  return packages
    .map((folder) => {
      const { name, version, license, homepage } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
      if (files.length === 0 && !license) throw new Error(`${name} ${version} does not say what its licence is`);
      const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8').trim());
      const head = `${name} ${version} · ${license ?? 'see below'}${homepage ? ` · ${homepage}` : ''}`;
      return [head, '-'.repeat(head.length), ...texts].join('\n\n');
    })
    .join(`\n\n\n${'='.repeat(100)}\n\n`);
}

/** Folder of the package that a module of node_modules lies in. */
function packageOf(module) {
  const at = module.lastIndexOf('/node_modules/');
  if (at < 0 || !module.startsWith(checkout)) return undefined;
  const [first = '', second = ''] = module.slice(at + '/node_modules/'.length).split('/');
  const folder = join(module.slice(0, at), 'node_modules', first.startsWith('@') ? `${first}/${second}` : first);
  return existsSync(join(folder, 'package.json')) ? folder : dirname(folder);
}
