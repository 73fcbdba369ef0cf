import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CollectorAddress } from './api-client.ts';
import { dataDirOption } from './options.ts';

const path = (text: string): string => resolve(text);

/** Adds what says which collector a command talks to. */
export function withCollectorOptions(command: Command): Command {
  return command
    .addOption(dataDirOption())
    .addOption(new Option('--url <url>', 'another collector than the one of the data folder'))
    .addOption(new Option('--token-file <file>', 'file with an API token for it').argParser(path))
    .addOption(new Option('--ca-file <file>', 'certificate of its CA, PEM').argParser(path));
}

export type CollectorOptions = CollectorAddress;

export const sinceOption = (standard: string): Option =>
  new Option('--since <time>', 'from: an age (15m, 2h, 3d), RFC 3339, or epoch milliseconds').default(standard);

export const untilOption = (): Option => new Option('--until <time>', 'to: as --since; now when absent');

export const nodeOption = (): Option => new Option('--node <node>', 'of this node only');

export const grepOption = (what: string): Option => new Option('--grep <text>', what);

export const jsonOption = (what: string): Option => new Option('--json', `print ${what}`);

export const limitOption = (standard: number): Option =>
  integerOption('--limit <number>', 'at most so many, the newest', { min: 1, max: 1_000_000 }).default(standard);

export const integerOption = (flags: string, what: string, { min, max }: { min: number; max: number }): Option =>
  new Option(flags, what).argParser((text: string) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < min || number > max) {
      throw new InvalidArgumentError(`It is a number from ${min} to ${max}.`);
    }
    return number;
  });
