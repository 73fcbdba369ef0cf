import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type CapClass, capClasses } from '../bundle/caps.ts';
import { type BundlePreset, bundlePresetNames } from '../bundle/preset.ts';
import { defaultProfile, redactionProfiles } from '../bundle/redaction/profile.ts';
import { parseValue } from '../config/value.ts';
import { type CollectorOptions, jsonOption, untilOption, withCollectorOptions } from './api-options.ts';
import { registerBundleExport } from './bundle-export-command.ts';
import { type BundleKeyOptions, registerBundleReading, withBundleKeys } from './bundle-reading-commands.ts';
import { registerBundleSchedule } from './bundle-schedule-command.ts';
import { classOption } from './class-option.ts';
import { configOption, dataDirOption, parseBundleId } from './options.ts';

export interface BundleCreateOptions extends CollectorOptions {
  since?: string;
  preset?: BundlePreset;
  until?: string;
  node: string[];
  role: string[];
  /** Of content. */
  class: CapClass[];
  out: string;
  redact: string;
  /** What cannot be redacted too. */
  raw?: boolean;
  /** What the collector has stored as Parquet too. */
  parquet?: boolean;
  /** Only say what it would hold. */
  dryRun?: boolean;
  /** Of content, before compression. */
  maxBytes?: number;
  maxBytesPer: Partial<Record<CapClass, number>>;
  /** Without the collector, whether or not it answers. */
  offline?: boolean;
  config?: string;
  json?: boolean;
}
export interface BundleMergeOptions extends BundleKeyOptions {
  dataDir: string;
  out: string;
  json?: boolean;
}

export interface BundleReadOptions extends CollectorOptions {
  json?: boolean;
}
export interface BundleDeleteOptions extends CollectorOptions {
  olderThan?: string;
  dryRun?: boolean;
  json?: boolean;
}
export interface BundleVerifyOptions extends BundleKeyOptions {
  json?: boolean;
}

const repeated = (text: string, before: string[]): string[] => [...before, text];

const bytes = (text: string): number => {
  const parsed = parseValue({ kind: 'bytes', min: 1 }, text);
  if ('fault' in parsed) throw new InvalidArgumentError(`It is a size such as 500MiB: ${parsed.fault}.`);
  return parsed.value as number;
};

const bytesPerClass = (text: string, before: Partial<Record<CapClass, number>>): Partial<Record<CapClass, number>> => {
  const [kind = '', size = ''] = text.split('=', 2);
  if (!(capClasses as readonly string[]).includes(kind)) {
    throw new InvalidArgumentError(`It is CLASS=SIZE, for example logs=500MiB; classes are ${capClasses.join(', ')}.`);
  }
  return { ...before, [kind]: bytes(size) };
};

const createExamples = `
Examples:
  sextant bundle create --preset deep --dry-run
  sextant bundle create --preset quick --out /media/usb
  sextant bundle create --since 4h --node n1 --node n2 --role logs --role storage
  sextant bundle create --since 24h --class logs --class journal
  sextant bundle create --since 1h --redact strict
  sextant bundle create --preset quick --raw
  sextant bundle create --preset deep --parquet
  sextant bundle create --preset deep --max-bytes 8GiB --max-bytes-per journal=500MiB
  sextant bundle create --since 2026-11-20T08:00:00Z --until 2026-11-20T09:00:00Z --json

Ends with 0 when everything is in it, 3 when something is missing (the bundle says what and why), 1 when there is none.`;

const deleteExamples = `
Examples:
  sextant bundle delete k3v9x2m4p7q1n5r8 b2c4
  sextant bundle delete --older-than 30d --dry-run

One that is being copied or exported stays and is named; the rest go all the same. Ends with 1 then. \`sextant bundle list\`
goes on showing what was removed, and the audit has who did it.`;

const verifyExamples = `
Examples:
  sextant bundle verify sx-plant7-20261120T100000Z-k3v9x2m4p7q1
  sextant bundle verify /media/a/NAME /media/b/NAME   one bundle on two media
  sextant bundle verify FOLDER --key site.pub      proves the origin: the key came another way than the bundle
  sextant bundle verify FOLDER --identity me.key   looks into encrypted volumes too

Needs no collector. Ends with 1 and names the part when anything is missing, changed, or not listed.`;

const mergeExamples = `
Examples:
  sextant bundle merge /media/usb/sx-plant7-* --out .
  sextant bundle merge A B C --key keys-of-the-nodes --out merged
Each is verified first, and none that is not sound is taken. Volumes stay as they are, byte for byte; each part's own
descriptions and signature are kept in data/parts, and sextant bundle verify checks them too. Sealed with the key of the
data folder: the collector's, or the node's own. Needs no collector.
Ends with 0 when everything is in it, 3 when a part lacks something, 1 when there is none.`;

export function registerBundle(program: Command): void {
  const bundle = program.command('bundle').description('evidence to carry away');

  const create = bundle
    .command('create')
    .description('gather evidence from the nodes and write it as a bundle')
    .addOption(
      new Option('--preset <preset>', 'how much time before --until: quick 15 min, standard 4 h, deep 24 h')
        .choices(bundlePresetNames)
        .conflicts('since'),
    )
    .addOption(
      new Option('--since <time>', 'from: an age (15m, 2h, 3d), RFC 3339, or epoch milliseconds; 15m when absent'),
    )
    .addOption(untilOption())
    .addOption(
      new Option('--node <node>', 'from this node only (may be repeated)').default([], 'all').argParser(repeated),
    )
    .addOption(
      new Option('--role <role>', 'this role only (may be repeated); none: what is stored alone')
        .default([], 'all')
        .argParser(repeated),
    )
    .addOption(classOption())
    .addOption(
      new Option('--out <dir>', 'folder to write it to').default('.').argParser((text: string) => resolve(text)),
    )
    .addOption(
      new Option('--redact <profile>', 'what is taken out of it: docs/redaction.md')
        .choices([...redactionProfiles])
        .default(defaultProfile),
    )
    .addOption(
      new Option(
        '--raw',
        'event logs as .evtx, dumps and binary files too: not redacted, in an encrypted volume (docs/bundles.md)',
      ).conflicts(['offline', 'dryRun']),
    )
    .option('--parquet', 'stored logs and metrics as Parquet too, for DuckDB or pandas (docs/bundles.md)')
    .addOption(
      new Option('--max-bytes <size>', 'at most so much content before compression, for example 2GiB').argParser(bytes),
    )
    .addOption(
      new Option('--max-bytes-per <class=size>', `the same for one class (may be repeated): ${capClasses.join(', ')}`)
        .default({}, 'as configured')
        .argParser(bytesPerClass),
    )
    .addOption(
      new Option('--dry-run', 'only say what it would hold, source by source; nothing is gathered').conflicts(
        'offline',
      ),
    )
    .option('--offline', 'do not ask the collector: read its data folder as it lies on disk')
    .addOption(configOption())
    .addOption(jsonOption('one object at the end: {id, path, state, bytes, coverage}; of --dry-run the estimate'))
    .addHelpText('after', createExamples);
  withCollectorOptions(create).action(async (options: BundleCreateOptions) => {
    if (options.dryRun) {
      const { estimateBundle } = await import('./bundle-estimate.ts');
      return estimateBundle(options);
    }
    const { createBundle } = await import('./bundle-create.ts');
    await createBundle(options);
  });

  const list = bundle
    .command('list')
    .description('bundles of this collector, newest first')
    .addOption(jsonOption('one array'))
    .addHelpText('after', "\nExamples:\n  sextant bundle list\n  sextant bundle list --json | jq -r '.[].name'");
  withCollectorOptions(list).action(async (options: BundleReadOptions) => {
    const { listBundles } = await import('./bundle-list.ts');
    await listBundles(options);
  });

  const status = bundle
    .command('status')
    .description('one bundle, with every source of every node')
    .argument('<id>', 'as `sextant bundle list` shows it; first characters do', parseBundleId)
    .addOption(jsonOption('one object'))
    .addHelpText('after', '\nExamples:\n  sextant bundle status k3v9');
  withCollectorOptions(status).action(async (id: string, options: BundleReadOptions) => {
    const { showBundle } = await import('./bundle-status.ts');
    await showBundle(id, options);
  });

  const cancel = bundle
    .command('cancel')
    .description('end a bundle that is being made')
    .argument('<id>', 'as `sextant bundle list` shows it; first characters do', parseBundleId)
    .addHelpText('after', '\nExamples:\n  sextant bundle cancel k3v9');
  withCollectorOptions(cancel).action(async (id: string, options: CollectorOptions) => {
    const { cancelBundle } = await import('./bundle-cancel.ts');
    await cancelBundle(id, options);
  });

  const remove = bundle
    .command('delete')
    .description('remove finished bundles from the collector’s disk; copies elsewhere stay')
    .argument(
      '[id...]',
      'as `sextant bundle list` shows them; first characters do',
      (text: string, before: string[] | undefined) => [...(before ?? []), parseBundleId(text)],
    )
    .option('--older-than <age>', 'all that were made longer ago than this: 30d, 12h')
    .option('--dry-run', 'only say which')
    .addOption(jsonOption('one array of {id, name, bytes, createdAt, deleted, error}'))
    .addHelpText('after', deleteExamples);
  withCollectorOptions(remove).action(async (ids: string[], options: BundleDeleteOptions) => {
    const { deleteBundles } = await import('./bundle-delete.ts');
    await deleteBundles(ids, options);
  });

  withBundleKeys(
    bundle
      .command('verify')
      .description('check a bundle: signature, checksums, every volume, nothing extra')
      .argument(
        '<path...>',
        'the bundle’s folder; several when it is spread over media',
        (text: string, before: string[] | undefined) => [...(before ?? []), resolve(text)],
      ),
  )
    .addOption(jsonOption('one object: {ok, trust, keyId, parts}'))
    .addHelpText('after', verifyExamples)
    .action(async (paths: [string, ...string[]], options: BundleVerifyOptions) => {
      const { verify } = await import('./bundle-verify.ts');
      await verify(paths, options);
    });

  withBundleKeys(
    bundle
      .command('merge')
      .description('join bundles, for example those that nodes wrote by themselves, into one')
      .argument('<path...>', 'their folders', (text: string, before: string[] | undefined) => [
        ...(before ?? []),
        resolve(text),
      ])
      .addOption(
        new Option('--out <dir>', 'folder to write it to').default('.').argParser((text: string) => resolve(text)),
      )
      .addOption(dataDirOption()),
  )
    .addOption(jsonOption('one object at the end: {id, path, state, bytes, coverage}'))
    .addHelpText('after', mergeExamples)
    .action(async (paths: string[], options: BundleMergeOptions) => {
      const { mergeFolders } = await import('./bundle-merge.ts');
      await mergeFolders(paths, options);
    });

  registerBundleReading(bundle);
  registerBundleExport(bundle);
  registerBundleSchedule(bundle);
}
