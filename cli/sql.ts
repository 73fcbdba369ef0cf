import { type Command, Option } from 'commander';
import type { SqlAnswer } from '../collector/api/shapes/access.ts';
import { type CollectorOptions, integerOption, withCollectorOptions } from './api-options.ts';

interface SqlOptions extends CollectorOptions {
  maxRows: number;
  timeout: number;
  json?: boolean;
  csv?: boolean;
}

const examples = `
Examples:
  sextant sql "SELECT Node, count() AS records FROM otel_logs WHERE Timestamp > now() - INTERVAL 1 HOUR GROUP BY Node"
  sextant sql "SELECT name, type FROM system.columns WHERE table = 'otel_logs'" --csv
  sextant sql - < report.sql

For administrators. One SELECT, read-only; every statement is in \`sextant audit\`. Tables are described in docs/sql.md.`;

export function registerSql(program: Command): void {
  const command = program
    .command('sql')
    .argument('<statement>', 'one SELECT statement; - reads it from standard input')
    .description('ask stored telemetry in SQL')
    .addOption(integerOption('--max-rows <number>', 'at most so many rows', { min: 1, max: 100_000 }).default(1000))
    .addOption(integerOption('--timeout <seconds>', 'give up after so many seconds', { min: 1, max: 60 }).default(30))
    .addOption(new Option('--json', 'print one object a line').conflicts('csv'))
    .addOption(
      new Option(
        '--csv',
        'print CSV with a header; cells that a spreadsheet would compute begin with an apostrophe',
      ).conflicts('json'),
    )
    .addHelpText('after', examples);
  withCollectorOptions(command).action(async (statement: string, options: SqlOptions) => {
    const [{ createApiClient }, { print }, { formatSqlAnswer }] = await Promise.all([
      import('./api-client.ts'),
      import('./output.ts'),
      import('./sql-answer.ts'),
    ]);
    const sql = statement === '-' ? await readAll(process.stdin) : statement;
    const client = createApiClient(options);
    const answer = await client
      .send<SqlAnswer>('POST', 'sql', { sql, maxRows: options.maxRows, timeoutMs: options.timeout * 1000 })
      .finally(() => client.close());
    await print(formatSqlAnswer(answer, options.json ? 'json' : options.csv ? 'csv' : 'table'));
    if (!answer.complete) {
      process.stderr.write(`There are more than these ${answer.rows.length} rows; --max-rows takes more.\n`);
    }
  });
}

async function readAll(input: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of input.setEncoding('utf8')) text += chunk;
  return text;
}
