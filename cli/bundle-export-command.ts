import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { integerOption, jsonOption } from './api-options.ts';
import { configOption, dataDirOption } from './options.ts';

export interface BundleExportOptions {
  /** The bundle as it was named, for messages. */
  given: string;
  to: string[];
  resume: boolean;
  split: boolean;
  /** Undefined: what is removable. */
  eject?: boolean;
  approval: string[];
  wait: number;
  dataDir: string;
  config?: string;
  json?: boolean;
}

const repeated = (text: string, before: string[] = []): string[] => [...before, text];
const repeatedPath = (text: string, before: string[]): string[] => [...before, resolve(text)];

const examples = `
Examples:
  sextant bundle export k3v9x2m4p7q1 --to /media/usb
  sextant bundle export sx-plant7-20261120T100000Z-k3v9x2m4p7q1 --to STICK --resume
  sextant bundle export k3v9x2m4p7q1 --to /media/a --to /media/b     whole volumes on each
  sextant bundle export k3v9x2m4p7q1 --to /media/usb --split         as much as fits; the next stick with --resume

Every file is read back past the cache and compared before the receipt is written. A medium that is pulled out is
waited for. Needs no collector; where there is one, its audit is told. docs/media.md says more.
Ends with 0 when everything is on media and checked, 3 when parts are left for another medium or a drive could not be
ejected, 1 when it failed, 2 when the call or the configuration is wrong.`;

export function registerBundleExport(bundle: Command): void {
  bundle
    .command('export')
    .description('carry a bundle onto removable media, checked by reading it back')
    .argument('<bundle>', 'its folder, or its id in the collector of --data-dir (first characters do)')
    .addOption(
      new Option('--to <target>', 'folder, or a drive’s device, serial, volume or label (may be repeated)')
        .argParser(repeated)
        // No default: an empty list would count as given.
        .makeOptionMandatory(),
    )
    .addOption(new Option('--resume', 'go on with an export that did not finish').default(false))
    .addOption(new Option('--split', 'fill the media although not everything fits').default(false))
    .addOption(new Option('--eject', 'unmount at the end (default: what is removable)'))
    .addOption(new Option('--no-eject', 'leave it mounted'))
    .addOption(
      new Option('--approval <file>', 'minisign signature of an approver (may be repeated)')
        .argParser(repeatedPath)
        .default([] as string[], 'none'),
    )
    .addOption(
      integerOption('--wait <seconds>', 'how long a medium that went away is waited for', {
        min: 0,
        max: 86_400,
      }).default(600),
    )
    .addOption(dataDirOption())
    .addOption(configOption())
    .addOption(jsonOption('one object a line: steps as they happen, at the end {event: "done", media, missing}'))
    .addHelpText('after', examples)
    .action(async (given: string, options: Omit<BundleExportOptions, 'given'>) => {
      const { exportToMedia } = await import('./bundle-export.ts');
      await exportToMedia(given, { ...options, given });
    });
}
