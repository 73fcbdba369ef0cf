import { type Color, paint } from './color.ts';
import { printable } from './printable.ts';

export interface Column<Row> {
  title: string;
  /** The cell's text; made safe to print by the table. */
  text(row: Row): string;
  align?: 'left' | 'right';
  color?(row: Row): Color | undefined;
}

/** Rows under titles, aligned by what the cells hold; ends with a line feed. */
export function formatTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[], colored: boolean): string {
  const cells = rows.map((row) => columns.map((column) => printable(column.text(row))));
  const widths = columns.map((column, index) =>
    Math.max(textWidth(column.title), ...cells.map((line) => textWidth(line[index] ?? ''))),
  );
  const titles = columns.map((column, index) => pad(column.title, widths[index] ?? 0, column.align));
  const lines = cells.map((line, at) =>
    columns.map((column, index) => {
      const row = rows[at];
      const color = row === undefined ? undefined : column.color?.(row);
      const text = pad(line[index] ?? '', widths[index] ?? 0, column.align);
      return color && colored ? paint(text, color) : text;
    }),
  );
  return [titles, ...lines].map((line) => `${line.join('  ').trimEnd()}\n`).join('');
}

/** Columns that a text takes in a terminal: East Asian wide characters and emoji take two. */
function textWidth(text: string): number {
  let width = 0;
  for (const char of text) {
    if (/\p{Mark}/u.test(char)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u.test(
        char,
      )
        ? 2
        : 1;
  }
  return width;
}

export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'right' ? space + text : text + space;
}
