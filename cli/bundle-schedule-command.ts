import { type Command, Option } from 'commander';
import type { CapClass } from '../bundle/caps.ts';
import { bundlePresetNames } from '../bundle/preset.ts';
import { defaultProfile, redactionProfiles } from '../bundle/redaction/profile.ts';
import { type CollectorOptions, jsonOption, withCollectorOptions } from './api-options.ts';
import { classOption } from './class-option.ts';

export interface ScheduleOptions extends CollectorOptions {
  json?: boolean;
}
export interface ScheduleCreateOptions extends ScheduleOptions {
  cron: string;
  preset?: string;
  window?: string;
  node: string[];
  role: string[];
  class: CapClass[];
  redact: string;
  parquet?: boolean;
}

const repeated = (text: string, before: string[]): string[] => [...before, text];

const createExamples = `
Examples:
  sextant bundle schedule create nightly --cron '0 3 * * *' --preset deep
  sextant bundle schedule create hourly-storage --cron '5 * * * *' --window 70m --role storage
  sextant bundle schedule create daily-logs --cron '0 4 * * *' --window 24h --class logs
  sextant bundle schedule create weekly --cron '0 2 * * 1' --window 7d --redact strict

Times are UTC: minute, hour, day of the month, month, day of the week. What was due while the collector was down is made
up for by one bundle when it is back. collector.bundles.keep says how many scheduled bundles stay. docs/bundles.md.`;

/** `sextant bundle schedule …`. */
export function registerBundleSchedule(bundle: Command): void {
  const schedule = bundle.command('schedule').description('bundles that the collector makes again and again');
  withCollectorOptions(
    schedule
      .command('create')
      .description('have a bundle made at these times')
      .argument('<name>', 'what it is called: a-z, 0-9 and -')
      .addOption(new Option('--cron <times>', 'when, in UTC').makeOptionMandatory())
      .addOption(
        new Option('--preset <preset>', 'how far back each reaches: quick 15 min, standard 4 h, deep 24 h')
          .choices(bundlePresetNames)
          .conflicts('window'),
      )
      .addOption(new Option('--window <duration>', 'or any other length, such as 6h; standard when neither is given'))
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
        new Option('--redact <profile>', 'what is taken out of it: docs/redaction.md')
          .choices([...redactionProfiles])
          .default(defaultProfile),
      )
      .option('--parquet', 'stored logs and metrics as Parquet too (docs/bundles.md)')
      .addOption(jsonOption('one object'))
      .addHelpText('after', createExamples),
  ).action(async (name: string, options: ScheduleCreateOptions) => {
    const { createSchedule } = await import('./bundle-schedule.ts');
    await createSchedule(name, options);
  });
  withCollectorOptions(
    schedule
      .command('list')
      .description('what is scheduled, what is next, and what became of the last')
      .addOption(jsonOption('one array'))
      .addHelpText('after', '\nExamples:\n  sextant bundle schedule list'),
  ).action(async (options: ScheduleOptions) => {
    const { listSchedules } = await import('./bundle-schedule.ts');
    await listSchedules(options);
  });
  withCollectorOptions(
    schedule
      .command('delete')
      .description('make no more of these; those that were made stay')
      .argument('<name>', 'as `sextant bundle schedule list` shows it')
      .addOption(jsonOption('one object'))
      .addHelpText('after', '\nExamples:\n  sextant bundle schedule delete nightly'),
  ).action(async (name: string, options: ScheduleOptions) => {
    const { deleteSchedule } = await import('./bundle-schedule.ts');
    await deleteSchedule(name, options);
  });
  withCollectorOptions(
    schedule
      .command('run')
      .description('have its bundle made now; it lies on the collector when it is done')
      .argument('<name>', 'as `sextant bundle schedule list` shows it')
      .addOption(jsonOption('one object: the bundle that is being made'))
      .addHelpText('after', '\nExamples:\n  sextant bundle schedule run nightly\n  sextant bundle list'),
  ).action(async (name: string, options: ScheduleOptions) => {
    const { runSchedule } = await import('./bundle-schedule.ts');
    await runSchedule(name, options);
  });
}
