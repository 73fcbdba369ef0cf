import { resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { defaultDataDir } from '../config/environment.ts';

/** Options that several commands share; one definition each, so that they mean the same everywhere. */

export const dataDirOption = (): Option =>
  new Option('--data-dir <dir>', 'data folder').default(defaultDataDir()).argParser((text: string) => resolve(text));

export const configOption = (): Option =>
  new Option(
    '--config <file>',
    'configuration; that of the package, or sextant.yaml in the data folder, when absent',
  ).argParser((text: string) => resolve(text));

export const portOption = (): Option =>
  new Option(
    '--port <number>',
    'port of dashboard, API and agents, 0 for any free one; as configured when absent',
  ).argParser(parsePort);

/** For programs of this machine that speak OTLP; anybody who is on this machine can then send. */
export const otlpLoopbackOption = (): Option =>
  new Option('--otlp-loopback', 'take OTLP without TLS on 127.0.0.1: HTTP on port 4318, gRPC on port 4317').default(
    false,
  );

/** Set by the supervisor on its children. */
export const supervisedOption = (): Option => new Option('--supervised').default(false).hideHelp();

/** May be given more than once; relative globs count from the current folder. */
export const followOption = (): Option =>
  new Option('--follow <glob>', 'follow these files too (may be repeated)')
    .default([] as string[], 'those of the profile')
    .argParser((glob: string, before: string[]) => [...before, resolve(glob)]);

/** An id, or how one begins. */
export function parseBundleId(text: string): string {
  if (/^[a-z0-9]{1,32}$/.test(text)) return text;
  throw new InvalidArgumentError('It is no id of a bundle: `sextant bundle list` shows them.');
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return port;
}
