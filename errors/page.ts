import { errorRegistry } from './registry.ts';

/** docs/errors.md, generated from the registry; `npm run docs` writes it. */
export function errorsPage(): string {
  const sections = Object.entries(errorRegistry).map(
    ([code, { status, exit, next }]) => `## ${code}

HTTP status ${status}, exit code ${exit}.

What to do: ${next}.
`,
  );
  return `# Errors

Generated from \`errors/registry.ts\` by \`npm run docs\`; do not edit.

Every error that a person can meet has a code that never changes its meaning.
A command prints \`CODE: what happened\` and, on the next line, what to do; it ends with exit code 1 (failed),
2 (the call or its configuration is wrong) or 3 (partly done). \`sextant agent run\` does not end over a fault of the
node's own profile: [profiles](profiles.md#a-fault-in-a-nodes-own-files) says what it does.
The API answers \`{"error": {"code", "message", "nextStep"}}\` with the HTTP status below.

${sections.join('\n')}`;
}
