import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { integerOption, jsonOption } from './api-options.ts';
import { parsePort } from './options.ts';

/** What a reader of bundles has: keys of sites, to tell who signed, and identities, to open what is encrypted. */
export interface BundleKeyOptions {
  key: string[];
  identity: string[];
}

export interface BundleReadingOptions extends BundleKeyOptions {
  skipDamaged: boolean;
  json?: boolean;
}

export interface BundleExtractOptions extends BundleReadingOptions {
  to?: string;
  node: string[];
}

export interface BundleAnalyzeOptions extends BundleReadingOptions {
  rules: string[];
}

export interface BundleImportOptions extends BundleReadingOptions {
  to: string;
}

export interface BundleOpenOptions extends BundleReadingOptions {
  case?: string;
  port: number;
}

export interface BundleCompareOptions extends BundleReadingOptions {
  limit: number;
}

const paths = (text: string, before: string[] | undefined): string[] => [...(before ?? []), resolve(text)];

const extractExamples = `
Examples:
  sextant bundle extract FOLDER --identity me.key --to case-4711
  sextant bundle extract /media/a/NAME /media/b/NAME       one bundle on two media
  sextant bundle extract FOLDER --node node-1 --node telemetry

Verifies first, and writes nothing of a bundle that is not sound. Needs no collector.`;

const analyzeExamples = `
Examples:
  sextant bundle analyze FOLDER
  sextant bundle analyze FOLDER --identity me.key --json | jq -r '.findings[] | .severity + " " + .text'
  sextant bundle analyze FOLDER --rules ours.yaml      further analyzers: docs/support-engineer.md

Verifies first, then runs the analyzers of this release, which may be newer than those of the bundle. Needs no collector.`;

const importExamples = `
Examples:
  sextant bundle import FOLDER --to case-4711
  sextant bundle import /media/a/NAME /media/b/NAME OTHER --to case-4711 --identity me.key

Folders of one name are one bundle on several media. Run again it goes on where it stopped, and stores nothing twice; of
bundles that are in already the findings are made anew. Then: sextant bundle open case-4711`;

const openExamples = `
Examples:
  sextant bundle open FOLDER --identity me.key     in a case folder that is removed at the end
  sextant bundle open A B --case case-4711         several bundles, kept
  sextant bundle open case-4711                    what was imported before

The dashboard of this laptop, on loopback, behind a link that works once. Nothing in it is live, and nothing can be changed.
While it runs, sextant logs, metrics, nodes, alerts and sql answer from it with --data-dir and the case folder.`;

const compareExamples = `
Examples:
  sextant bundle compare BEFORE AFTER
  sextant bundle compare GOOD-NODE BAD-NODE --identity me.key --json | jq .inventory

Says which nodes, versions, facts of the inventory, settings, rates of records and findings differ. Facts that change all the
time are left out; of records those kinds whose rate by the hour differs three times or more.`;

export function withBundleKeys(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--key <file>',
        'public key (minisign) that the site handed over, or a folder of them (may be repeated)',
      )
        .default([], 'the key that the bundle itself declares')
        .argParser(paths),
    )
    .addOption(
      new Option('--identity <file>', 'age identity that opens encrypted volumes (may be repeated)')
        .default([], 'none')
        .argParser(paths),
    );
}

const withReading = (command: Command): Command =>
  withBundleKeys(command).addOption(
    new Option('--skip-damaged', 'take the volumes that are sound although others are not').default(false),
  );

/** Commands for who receives a bundle; none of them needs a collector. */
export function registerBundleReading(bundle: Command): void {
  withReading(
    bundle
      .command('extract')
      .description('verify a bundle, decrypt it and unpack its files')
      .argument('<path...>', 'the bundle’s folder; several when it is spread over media', paths),
  )
    .addOption(
      new Option('--to <dir>', 'new folder to write to; ./NAME-files when absent').argParser((text: string) =>
        resolve(text),
      ),
    )
    .addOption(
      new Option('--node <name>', 'volumes of this node, or `telemetry` (may be repeated)')
        .default([], 'all')
        .argParser((text: string, before: string[]) => [...before, text]),
    )
    .addOption(jsonOption('one object: {bundle, to, files, bytes, damaged}'))
    .addHelpText('after', extractExamples)
    .action(async (folders: [string, ...string[]], options: BundleExtractOptions) => {
      const { extract } = await import('./bundle-extract.ts');
      await extract(folders, options);
    });

  withReading(
    bundle
      .command('analyze')
      .description('verify a bundle and say what known patterns point at')
      .argument('<path...>', 'the bundle’s folder; several when it is spread over media', paths),
  )
    .addOption(
      new Option('--rules <file>', 'further analyzers (may be repeated)')
        .default([], 'those that are shipped')
        .argParser(paths),
    )
    .addOption(jsonOption('one object, as findings.json: {analyzers, findings, …}'))
    .addHelpText('after', analyzeExamples)
    .action(async (folders: [string, ...string[]], options: BundleAnalyzeOptions) => {
      const { analyze } = await import('./bundle-analyze.ts');
      await analyze(folders, options);
    });

  withReading(
    bundle
      .command('import')
      .description('verify bundles and take them into a case folder, to be searched together')
      .argument('<path...>', 'folders of bundles', paths),
  )
    .addOption(
      new Option('--to <dir>', 'case folder; a new one, or one that import has made')
        .makeOptionMandatory()
        .argParser((text: string) => resolve(text)),
    )
    .addOption(jsonOption('one object: {case, bundles}'))
    .addHelpText('after', importExamples)
    .action(async (folders: [string, ...string[]], options: BundleImportOptions) => {
      const { importBundles } = await import('./bundle-import.ts');
      await importBundles(folders, options);
    });

  withReading(
    bundle
      .command('open')
      .description('show bundles, or a case, in the dashboard of this machine')
      .argument('<path...>', 'folders of bundles, or one case folder', paths),
  )
    .addOption(
      new Option('--case <dir>', 'case folder to keep; a temporary one when absent').argParser((text: string) =>
        resolve(text),
      ),
    )
    .addOption(new Option('--port <number>', 'port on loopback; 0 for any free one').default(0).argParser(parsePort))
    .addOption(jsonOption('one object once it answers: {url, signin, fingerprint, case, bundles}'))
    .addHelpText('after', openExamples)
    .action(async (folders: [string, ...string[]], options: BundleOpenOptions) => {
      const { openBundles } = await import('./bundle-open.ts');
      await openBundles(folders, options);
    });

  withReading(
    bundle
      .command('compare')
      .description('say what changed from one bundle to another')
      .argument('<a>', 'the bundle’s folder', (text: string) => resolve(text))
      .argument('<b>', 'the other one’s', (text: string) => resolve(text)),
  )
    .addOption(integerOption('--limit <number>', 'rows of each table', { min: 0, max: 1_000_000 }).default(40))
    .addOption(jsonOption('one object: {nodes, versions, inventory, configuration, rates, findings, notes}'))
    .addHelpText('after', compareExamples)
    .action(async (a: string, b: string, options: BundleCompareOptions) => {
      const { compare } = await import('./bundle-compare.ts');
      await compare(a, b, options);
    });
}
