import type { SettingKind } from './settings/setting.ts';
import { settingsTable } from './settings.ts';
import { expectation, formatValue } from './value.ts';

interface Entry {
  kind: SettingKind;
  default: string | number | boolean | readonly string[];
  min?: number;
  max?: number;
  oneOf?: readonly string[];
  doc: string;
}

const head = `# Configuration

Generated from \`config/settings/\` by \`npm run docs\`; do not edit.

Sextant runs without a configuration. To change a setting, write it into \`sextant.yaml\` in the data folder, or into a
file that \`--config FILE\` names; the Debian packages have theirs in \`/etc/sextant\`. The dotted names below nest:

\`\`\`yaml
site:
  name: harbour
collector:
  port: 9443
  retention:
    logs: 14d
\`\`\`

A flat \`collector.port: 9443\` is the same. Bytes are written \`512KiB\`, \`64MiB\`, \`2GiB\`; durations \`250ms\`, \`30s\`,
\`15m\`, \`12h\`, \`7d\`. What is wrong with the file is told all at once, each fault with its line, and nothing starts.
`;

/** docs/configuration.md, from the table of settings. */
export function configurationPage(): string {
  const sections = new Map<string, string[]>();
  for (const [name, entry] of Object.entries(settingsTable as Record<string, Entry>)) {
    const section = name.split('.')[0] ?? name;
    const lines = sections.get(section) ?? [];
    sections.set(section, lines);
    const value = formatValue(entry.kind, entry.default);
    lines.push(
      `### \`${name}\``,
      '',
      entry.doc,
      '',
      `Takes ${expectation(entry)}. Default: ${value === '' ? 'empty' : `\`${value}\``}.`,
      '',
    );
  }
  const body = [...sections].map(([section, lines]) => `## ${section}\n\n${lines.join('\n')}`);
  return `${head}\n${body.join('\n').trimEnd()}\n`;
}
