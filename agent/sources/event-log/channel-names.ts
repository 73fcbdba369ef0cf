/**
 * Finds channels by the names of a profile among those of a machine: as written, else with dashes where the machine
 * has slashes (documents write either). Case does not matter to Windows.
 */
export function createChannelNames(present: readonly string[]): (written: string) => string | undefined {
  const exact = new Map(present.map((name) => [name.toLowerCase(), name]));
  const loose = new Map(present.map((name) => [loosely(name), name]));
  return (written) => exact.get(written.toLowerCase()) ?? loose.get(loosely(written));
}

const loosely = (name: string): string => name.toLowerCase().replaceAll('/', '-');
