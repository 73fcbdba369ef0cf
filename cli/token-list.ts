import type { TokenRow } from '../collector/api/shapes/access.ts';
import { SextantError } from '../errors/sextant-error.ts';
import { formatTime } from './ago.ts';
import { createApiClient } from './api-client.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';
import { formatTable } from './table.ts';
import type { TokenOptions } from './token.ts';

/** Prints the tokens that can still be used, without their secrets. */
export async function listTokens(options: TokenOptions): Promise<void> {
  const client = createApiClient(options);
  const rows = await client.get<TokenRow[]>('tokens').finally(() => client.close());
  if (options.json) await print(`${JSON.stringify(rows)}\n`);
  else if (rows.length === 0) await print('There is no token that can be used.\n');
  else
    await print(
      formatTable(
        rows,
        [
          { title: 'ID', text: (row) => row.id },
          { title: 'KIND', text: (row) => row.kind },
          { title: 'NAME', text: (row) => row.name },
          { title: 'CREATED BY', text: (row) => row.createdBy },
          { title: 'CREATED', text: (row) => formatTime(row.createdAt) },
          { title: 'EXPIRES', text: (row) => formatTime(row.expiresAt) },
        ],
        false,
      ),
    );
}

/** Ends the token with this id, or all tokens of the program with this name. */
export async function revokeTokens(idOrName: string, options: TokenOptions): Promise<void> {
  const client = createApiClient(options);
  try {
    const rows = await client.get<TokenRow[]>('tokens');
    const isProgram = ({ kind }: TokenRow): boolean => kind === 'ingest' || kind === 'api';
    const chosen = rows.filter((row) => row.id === idOrName || (isProgram(row) && row.name === idOrName));
    if (chosen.length === 0) {
      throw new SextantError('SX_NOT_FOUND', `there is no token ${printable(idOrName)} that can be used`, {
        nextStep: 'see `sextant token list`',
      });
    }
    for (const { id, kind, name } of chosen) {
      await client.send('DELETE', `tokens/${id}`);
      await print(`The ${kind} token ${id} of ${printable(name)} is revoked.\n`);
    }
  } finally {
    await client.close();
  }
}
