import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { Value } from 'typebox/value';
import { LineCounter, parseDocument } from 'yaml';
import { root } from '../../config/root.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import { Profile } from './profile.ts';

const profilesFolder = join(root, 'profiles');

/**
 * Reads a profile: a name (`linux`) is looked for among the profiles that come with Sextant, anything with a slash or
 * `.yaml` is a path. Throws SX_CONFIG_INVALID that names every fault with file and line.
 */
export async function loadProfile(nameOrPath: string): Promise<Profile> {
  const file = locate(nameOrPath);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new SextantError('SX_CONFIG_INVALID', `cannot read the profile ${nameOrPath} (${file})`, {
      cause,
      nextStep: 'set agent.profile to a name in profiles/ or to a path',
    });
  }
  return parseProfile(text, file);
}

function locate(nameOrPath: string): string {
  if (isAbsolute(nameOrPath)) return nameOrPath;
  if (/[\\/]/.test(nameOrPath) || nameOrPath.endsWith('.yaml')) return resolve(nameOrPath);
  const shipped = join(profilesFolder, `${nameOrPath}.yaml`);
  return existsSync(shipped) ? shipped : resolve(nameOrPath);
}

/** Checks a profile's text against its schema; `file` is what faults are reported with. */
export function parseProfile(text: string, file: string): Profile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const at = (offset: number | undefined) => `${file}:${lines.linePos(offset ?? 0).line}`;
  const faults = document.errors.map((error) => `${at(error.pos[0])}: ${error.message.split('\n')[0]}`);
  const value: unknown = faults.length > 0 ? undefined : document.toJS();
  if (faults.length === 0) {
    for (const fault of Value.Errors(Profile, value)) {
      const path = fault.instancePath.split('/').slice(1).map(decodePointer);
      const missing = 'requiredProperties' in fault.params ? fault.params.requiredProperties.join(', ') : undefined;
      const unknown =
        'additionalProperties' in fault.params ? fault.params.additionalProperties.map(String) : undefined;
      const where = unknown?.[0] === undefined ? path : [...path, unknown[0]];
      const what = missing ? `${missing} is missing` : unknown ? `there is no ${unknown.join(', ')}` : fault.message;
      faults.push(`${at(offsetOf(document, where))}: ${path.join('.') || 'profile'}: ${what}`);
    }
  }
  if (faults.length > 0) {
    throw new SextantError('SX_CONFIG_INVALID', `the profile has faults:\n  ${[...new Set(faults)].join('\n  ')}`);
  }
  return value as Profile;
}

const decodePointer = (part: string) => part.replaceAll('~1', '/').replaceAll('~0', '~');

/** Where the node of this path begins, or its nearest parent that is there. */
function offsetOf(document: ReturnType<typeof parseDocument>, path: string[]): number | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(
      path.slice(0, length).map((part) => (/^\d+$/.test(part) ? Number(part) : part)),
      true,
    ) as { range?: [number, number, number] } | undefined;
    if (node?.range) return node.range[0];
  }
  return undefined;
}
