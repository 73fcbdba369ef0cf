import type { SqlAnswer } from '../collector/api/shapes/access.ts';
import { formatTable } from './table.ts';

/** An answer as a table for people, one JSON object a line, or CSV (RFC 4180) that no spreadsheet takes for formulas. */
export function formatSqlAnswer({ columns, rows }: SqlAnswer, format: 'table' | 'json' | 'csv'): string {
  if (format === 'json') return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  if (format === 'csv') {
    const lines = [
      columns.map((column) => column.name),
      ...rows.map((row) => columns.map(({ name }) => text(row[name]))),
    ];
    return lines.map((line) => `${line.map(csvCell).join(',')}\r\n`).join('');
  }
  if (rows.length === 0) return 'No rows.\n';
  const number = /^(Nullable\()?(U?Int|Float|Decimal)/;
  return formatTable(
    rows,
    columns.map(({ name, type }) => ({
      title: name,
      text: (row: Record<string, unknown>) => text(row[name]),
      ...(number.test(type) && { align: 'right' as const }),
    })),
    false,
  );
}

function text(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A spreadsheet takes a text that begins with one of these for a formula; the apostrophe keeps it a text. */
const formula = /^[=+@\t\r]|^-(?!\d)/;

function csvCell(cell: string): string {
  const safe = formula.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
