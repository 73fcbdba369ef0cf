import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commandsPage, helpOf, pathOf, visibleBelow, wholeProgram } from '../../../cli/commands-page.ts';
import { commandsIn, writtenFaults, writtenLineFaults } from './written-commands.ts';

const root = new URL('../../../', import.meta.url);
const program = wholeProgram();
const leaves = visibleBelow(program).filter(({ commands }) => commands.length === 0);

test.each(leaves.map((command) => [pathOf(command), command] as const))(
  '%s: help has an example, says what its arguments are, and how it answers in JSON',
  (path, command) => {
    expect(command.description()).not.toBe('');
    const examples = /\nExamples:\n((?: {2}.*\n)+)/.exec(helpOf(command))?.[1] ?? '';
    expect(examples, 'examples').toContain(`  sextant ${path}`);
    const markdown = examples
      .split('\n')
      .map((line) => `\`\`\`\n${line.trim()}\n\`\`\``)
      .join('\n');
    expect(writtenFaults(program, markdown)).toEqual([]);
    for (const argument of command.registeredArguments) expect(argument.description, argument.name()).not.toBe('');
    for (const option of command.options) {
      if (option.hidden) continue;
      expect(option.description, option.flags).not.toBe('');
      if (option.long === '--json') expect(option.description).toMatch(/^print (?:one|no) /);
    }
  },
);

const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'SECURITY.md',
  'CONTRIBUTING.md',
  ...globSync('docs/*.md', { cwd: root }),
];
const textOf = (page: string): string => readFileSync(new URL(page, root), 'utf8');

test.each(pages)('%s names no command and no option that there is not', (page) => {
  expect(writtenFaults(program, textOf(page))).toEqual([]);
});

test('docs/commands.md is what the commands print (npm run docs writes it)', () => {
  expect(textOf('docs/commands.md')).toBe(commandsPage());
});

test('texts of the program name no command and no option that there is not', () => {
  const sources = globSync('{agent,bundle,cli,collector,config,errors,media}/**/*.ts', { cwd: root });
  const faults = sources.flatMap((file) =>
    textOf(file)
      .split('\n')
      .filter((line) => !/^\s*(?:\/\/|\/?\*)/.test(line))
      .flatMap((line) => writtenLineFaults(program, line))
      .map((fault) => `${file}: ${fault}`),
  );
  expect(faults).toEqual([]);
});

test('finds what is wrong in a text', () => {
  const faults = (text: string) => writtenFaults(program, text);
  expect(faults('`sextant bundle creat --raw`')).toEqual([expect.stringContaining('there is no command creat')]);
  expect(faults('```\nnpx sextant nodes --nodes x\n```')).toEqual([expect.stringContaining('it has no --nodes')]);
  expect(faults('```\n$ sextant-agent status --json | jq --foo\n```')).toEqual([]);
  expect(commandsIn('sextant logs --json   and --more')).toEqual([['sextant', 'logs', '--json']]);
  expect(writtenLineFaults(program, "nextStep: 'run \\`sextant tokens create\\` there'")).toHaveLength(1);
});
