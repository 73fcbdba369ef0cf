import { Type } from 'typebox';
import type { ApiError, SessionInfo, SqlAnswer, TokenRow } from '../../shapes/access.ts';
import { names, same, Text, Time } from './schema.ts';

export const accessAnswers = {
  ApiError: same<ApiError>()(Type.Object({ error: Type.Object({ code: Text, message: Text, nextStep: Text }) })),
  Health: Type.Object({ ready: Type.Literal(true) }),
  SessionInfo: same<SessionInfo>()(
    Type.Object({
      user: Text,
      role: names(['viewer', 'administrator']),
      site: Text,
      version: Text,
      evidence: Type.Optional(
        Type.Object(
          {
            from: Time,
            until: Time,
            bundles: Type.Array(Type.Object({ name: Text, site: Text, from: Time, until: Time })),
          },
          { description: 'Only where bundles are shown instead of a live site.' },
        ),
      ),
    }),
  ),
  Token: Type.Object({ token: Text, expiresAt: Time }),
  TokenList: same<TokenRow[]>()(
    Type.Array(
      Type.Object({ id: Text, kind: Text, name: Text, role: Text, createdBy: Text, createdAt: Time, expiresAt: Time }),
    ),
  ),
  SqlAnswer: same<SqlAnswer>()(
    Type.Object({
      columns: Type.Array(Type.Object({ name: Text, type: Text })),
      rows: Type.Array(Type.Record(Type.String(), Type.Unknown())),
      complete: Type.Boolean({ description: 'False when the limit left rows out.' }),
      rowsRead: Type.Number(),
      bytesRead: Type.Number(),
      elapsedMs: Type.Number(),
    }),
  ),
  Description: Type.Record(Type.String(), Type.Unknown(), { description: 'This description, OpenAPI 3.1.' }),
};
