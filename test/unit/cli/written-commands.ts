import type { Command } from 'commander';

/**
 * What is wrong with the commands of ours that a text names, in code spans and in lines of code: a command or an option that
 * there is not. Words in capitals and in angle brackets stand for something.
 */
export function writtenFaults(program: Command, markdown: string): string[] {
  return writtenCommands(markdown).flatMap((words) =>
    faultsOf(program, words).map((fault) => `${words.join(' ')}: ${fault}`),
  );
}

/** The same of one line of a source, where a text may begin and end anywhere. */
export const writtenLineFaults = (program: Command, line: string): string[] =>
  line
    .split(/[`'"]|\\n|\$\{[^}]*\}/)
    .flatMap(commandsIn)
    .flatMap((words) => faultsOf(program, words).map((fault) => `${words.join(' ')}: ${fault}`));

/** Words of each command, the program's name first. */
function writtenCommands(markdown: string): string[][] {
  const blocks = [...markdown.matchAll(/^```[^\n]*\n(.*?)^```/gms)].map(([, code = '']) => code);
  const spans = [...markdown.replace(/^```[^\n]*\n.*?^```/gms, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) =>
    code.replace(/\s+/g, ' '),
  );
  const lines = blocks.flatMap((block) => block.replace(/\\\n\s*/g, ' ').split('\n'));
  return [...lines, ...spans].flatMap((line) => commandsIn(line));
}

export function commandsIn(line: string): string[][] {
  return [...line.matchAll(/(?:^|[|;&]\s*|\$ |\s)(?:npx )?(sextant(?:-agent)?) ([^|;&<>]*)/g)]
    .filter(([whole]) => !/^\s{2,}/.test(whole) || line.trimStart().startsWith('sextant'))
    .map(([, name = '', rest = '']) => [
      ...(name === 'sextant-agent' ? ['sextant', 'agent'] : ['sextant']),
      // Behind several spaces, or a `#`, stands what it is good for.
      ...(rest.split(/\s{3,}| # /)[0] ?? '')
        .split(/\s+/)
        .map((word) => word.replace(/^[[(]|[\])…,.:\\]+$/g, ''))
        .filter((word) => word !== ''),
    ]);
}

function descend(program: Command, words: readonly string[]): { command: Command; rest: string[] } {
  let command = program;
  let at = 1;
  for (; at < words.length; at++) {
    const next = command.commands.find((each) => each.name() === words[at]);
    if (!next) break;
    command = next;
  }
  return { command, rest: words.slice(at) };
}

function faultsOf(program: Command, words: readonly string[]): string[] {
  const { command, rest } = descend(program, words);
  const [first = ''] = rest;
  const takesNone = command.commands.length > 0 && command.registeredArguments.length === 0;
  if (takesNone && /^[a-z][a-z-]*$/.test(first) && !inProse.includes(first)) return [`there is no command ${first}`];
  return rest
    .filter((word) => /^--?[a-z]/i.test(word) && !optionOf(command, word) && !general.includes(word))
    .map((word) => `it has no ${word}`);
}

/** No names of commands: of what `help` gives help, and “another sextant command”. */
const inProse = ['help', 'command'];
const general = ['--help', '-h', '--version', '-V', '--debug'];

const optionOf = (command: Command, word: string) =>
  command.options.find(({ long, short }) => long === word.split('=')[0] || short === word.split('=')[0]);
