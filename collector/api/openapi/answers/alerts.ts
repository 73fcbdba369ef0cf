import { Type } from 'typebox';
import type { AlertRow } from '../../shapes/alerts.ts';
import { names, orNull, same, Text, Time } from './schema.ts';

const alertRow = same<AlertRow>()(
  Type.Object({
    id: Text,
    rule: Text,
    severity: names(['warning', 'critical']),
    state: names(['pending', 'firing', 'resolved']),
    node: Text,
    subject: Type.String({ description: 'What it is about on that node, for example a mount point.' }),
    since: Time,
    resolvedAt: orNull(Time),
    value: Type.Number(),
    limit: Type.Number(),
    unit: Text,
    summary: Text,
    whatToDo: Text,
  }),
);

export const alertAnswers = {
  AlertList: Type.Array(alertRow),
};
