import { pino } from 'pino';

/**
 * A log for a collector that takes free ports (0), and the ones that it says it took. A port that was looked for beforehand may be
 * another program's by then.
 */
export function listenForPorts<Name extends string>(names: readonly Name[]) {
  const ports = {} as Record<Name, number>;
  const log = pino(
    { level: 'info' },
    {
      write(line) {
        const told = JSON.parse(line);
        for (const name of names) if (typeof told[name] === 'number') ports[name] = told[name];
      },
    },
  );
  return { log, ports };
}
