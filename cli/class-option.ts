import { InvalidArgumentError, Option } from 'commander';
import { type CapClass, capClasses } from '../bundle/caps.ts';

const known: readonly string[] = capClasses;

/** Adds one class of content to those before it. Throws InvalidArgumentError, which names those that there are. */
function oneMore(text: string, before: CapClass[]): CapClass[] {
  if (!known.includes(text)) throw new InvalidArgumentError(`Classes are ${capClasses.join(', ')}; one at a time.`);
  return [...new Set([...before, text as CapClass])];
}

export const classOption = (): Option =>
  new Option('--class <class>', `this class of content only (may be repeated): ${capClasses.join(', ')}`)
    .default([], 'all')
    .argParser(oneMore);
