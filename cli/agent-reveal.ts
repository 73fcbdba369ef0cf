import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { SextantError } from '../errors/sextant-error.ts';
import { jsonOption } from './api-options.ts';
import { dataDirOption } from './options.ts';
import { demandReadableData } from './readable-data.ts';
import { userName } from './user-name.ts';

const examples = `
Examples:
  sextant agent reveal host-k3v9x2m4
  sextant agent reveal 10.266.300.412 --json
Answers on the node whose \`sextant agent collect\` made the bundle, and only there; bundles of the collector are asked about
with \`sextant redaction reveal\`. Each question is written down in agent/collect/reveals.ndjson of the data folder, with who asked.`;

export function registerAgentReveal(agent: Command): void {
  agent
    .command('reveal')
    .description("say what a pseudonym in a bundle of this node's own stands for")
    .argument('<pseudonym>', 'as it stands in the bundle')
    .addOption(dataDirOption())
    .addOption(jsonOption('one object: {pseudonym, kind, original}'))
    .addHelpText('after', examples)
    .action(async (pseudonym: string, options: { dataDir: string; json?: boolean }) => {
      const { print } = await import('./output.ts');
      const { printable } = await import('./printable.ts');
      const answer = await reveal(pseudonym, options.dataDir);
      await print(options.json ? `${JSON.stringify(answer)}\n` : `${printable(answer.original)}\n`);
    });
}

/** Nothing is answered that was not written down first. */
async function reveal(pseudonym: string, dataDir: string) {
  const { collectFolder } = await import('../agent/collect/node-bundle.ts');
  const { openNodePseudonyms } = await import('../agent/collect/node-pseudonyms.ts');
  const { loadRedactionKey } = await import('../bundle/redaction/key.ts');
  demandReadableData(dataDir);
  const folder = collectFolder(dataDir);
  const keys = join(folder, 'keys');
  // A question makes no key.
  const key = existsSync(join(keys, 'redaction.key')) ? loadRedactionKey(keys) : undefined;
  const revealed = key && openNodePseudonyms(folder, key).reveal(pseudonym);
  const shown = pseudonym.slice(0, 300);
  if (key) {
    const note = { at: new Date().toISOString(), who: userName(), pseudonym: shown, known: Boolean(revealed) };
    appendFileSync(join(folder, 'reveals.ndjson'), `${JSON.stringify(note)}\n`, { mode: 0o600, flush: true });
  }
  if (revealed) return revealed;
  throw new SextantError('SX_NOT_FOUND', `${shown} is no pseudonym that this node has made`, {
    nextStep: 'ask where the bundle was made: sextant redaction reveal at the site, this command on the node',
  });
}
