import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { pushedEffect } from '../agent/profile/pushed/effect.ts';
import { checkPushedText } from '../agent/profile/pushed/layers.ts';
import type { PushedProfileRow } from '../collector/api/shapes/profiles.ts';
import { parseValue } from '../config/value.ts';
import { SextantError } from '../errors/sextant-error.ts';
import { profileNamePattern } from '../protocol/pushed-profile.ts';
import { createApiClient } from './api-client.ts';
import { unreadable } from './named-path.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';
import type { PushOptions } from './profiles.ts';
import { target } from './profiles-list.ts';

/** Checks a layer, then signs and pushes it through the collector, or shows what it would do. */
export async function pushProfile(file: string, options: PushOptions): Promise<void> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw unreadable(file, cause);
  }
  const name = options.name ?? basename(file, extname(file)).toLowerCase();
  if (!new RegExp(profileNamePattern).test(name)) {
    throw new SextantError('SX_BAD_REQUEST', `${name} is no name of a profile`, {
      nextStep: 'name it with --name: lower-case letters, digits and hyphens, at most 63',
    });
  }
  // Here first, where the faults are told with the file's own name.
  checkPushedText(text, file);
  const validForMs = duration(options.expires);
  if (options.dryRun) return tellEffect(name, text, options);

  const client = createApiClient(options);
  const row = await client
    .send<PushedProfileRow>('POST', 'profiles', {
      name,
      text,
      nodes: [...new Set(options.node)],
      roles: [...new Set(options.role)],
      ...(options.force && { force: true }),
      validForMs,
    })
    .finally(() => client.close());
  if (row.rolesWithoutNode.length > 0) {
    const names = row.rolesWithoutNode.map(printable).join(', ');
    process.stderr.write(
      `No node is known to have this role: ${names}. \`sextant profiles list --json\` has the roles of nodes.\n`,
    );
  }
  if (options.json) return print(`${JSON.stringify(row)}\n`);
  await print(
    `${name} v${row.version} is signed and pushed to ${printable(target(row))}, until ${row.expiresAt}.\nSee what becomes of it with: sextant profiles list\n`,
  );
}

async function tellEffect(name: string, text: string, options: PushOptions): Promise<void> {
  const { on, changes, needs } = pushedEffect(text, name, options.on);
  if (options.json) return print(`${JSON.stringify({ name, on, changes, needs })}\n`);
  const lines = changes.flatMap(({ path, before, after }) => [
    ...(before === undefined ? [] : [`- ${path}: ${JSON.stringify(before)}`]),
    ...(after === undefined ? [] : [`+ ${path}: ${JSON.stringify(after)}`]),
  ]);
  await print(
    `Over ${on}, ${name} would change:\n${lines.map((line) => `  ${printable(line)}\n`).join('') || '  nothing\n'}`,
  );
  if (needs.length > 0) {
    await print(`Refused by nodes that do not allow it:\n${needs.map((need) => `  ${printable(need)}\n`).join('')}`);
  }
  await print(
    `Nothing was signed or sent. It would go to ${printable(target({ nodes: options.node, roles: options.role }))}.\n`,
  );
}

function duration(text: string): number {
  const parsed = parseValue({ kind: 'duration', min: 1000, max: 3650 * 86_400_000 }, text);
  if ('fault' in parsed)
    throw new SextantError('SX_BAD_REQUEST', `--expires: ${parsed.fault}`, {
      nextStep: 'write a time such as 12h or 30d',
    });
  return Number(parsed.value);
}
