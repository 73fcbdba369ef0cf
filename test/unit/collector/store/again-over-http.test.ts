import { telemetryTables } from '../../../../collector/store/tables.ts';
import { long } from '../../../long.ts';
import { againContract } from './contract/again.ts';
import { openServedStore } from './open-served-store.ts';

// Every table has its turn in the process each day (again.test.ts), and over HTTP in the long run.
againContract(
  openServedStore,
  long ? telemetryTables : telemetryTables.filter(({ name }) => /_(logs|sum)$/.test(name)),
);
