import type { Static, TSchema } from 'typebox';
import { fitting } from '../../fitting.ts';
import type { HardwareReading } from '../instruments.ts';
import { type RedfishClient, RedfishDocumentError, RedfishError } from './client.ts';
import * as describe from './describe.ts';
import * as schema from './schemas.ts';

const rootPath = '/redfish/v1/';
/** A big server has some 100 documents; a BMC answers a few a second. */
const maxRequests = 300;
/** A big server has some hundred sensors with ten readings each; one that makes up more must not fill the spool. */
const maxReadings = 10_000;
/** These are not about one document. */
const refusals = [401, 403, 429, 503];

interface Walk {
  get<Schema extends TSchema>(link: Link | undefined, as: Schema): Promise<Static<Schema> | undefined>;
  members<Schema extends TSchema>(link: Link | undefined, as: Schema): Promise<Static<Schema>[]>;
}
type Link = Static<typeof schema.Link>;

/**
 * All sensors and parts that a BMC tells of: chassis with temperatures, fans, voltages and power supplies in the old
 * and the new way of writing them, systems with memory and drives. `host` makes the ids. Rejects when the root cannot be read,
 * and when the BMC refuses or is silent; a document further in that is missing or malformed is left out. Each document is
 * asked for once, whatever points to it.
 */
export async function readRedfish(client: RedfishClient, host: string): Promise<HardwareReading[]> {
  const asked = new Set<string>();
  async function get<Schema extends TSchema>(link: Link | undefined, as: Schema): Promise<Static<Schema> | undefined> {
    const path = link?.['@odata.id'];
    if (!path?.startsWith('/redfish/') || asked.has(path) || asked.size >= maxRequests) return undefined;
    asked.add(path);
    try {
      return fitting(as, await client.get(path));
    } catch (error) {
      if (error instanceof RedfishDocumentError && path !== rootPath) return undefined;
      if (error instanceof RedfishError && !refusals.includes(error.status)) return undefined;
      throw error;
    }
  }
  const walk: Walk = {
    get,
    async members(link, as) {
      const found = [];
      let part = await get(link, schema.Collection);
      while (part) {
        for (const member of part.Members ?? []) {
          const document = await get(member, as);
          if (document !== undefined) found.push(document);
        }
        const next = part['Members@odata.nextLink'];
        part = next ? await get({ '@odata.id': next }, schema.Collection) : undefined;
      }
      return found;
    },
  };
  const root = await get({ '@odata.id': rootPath }, schema.Root);
  if (!root) throw new Error(`there is no Redfish service root at ${rootPath}`);
  const readings: HardwareReading[] = [];
  for (const chassis of await walk.members(root.Chassis, schema.Chassis)) {
    readings.push(...(await readChassis(walk, chassis, host)));
  }
  for (const system of await walk.members(root.Systems, schema.System)) {
    readings.push(...(await readSystem(walk, system, host)));
  }
  return readings.slice(0, maxReadings);
}

async function readChassis(walk: Walk, chassis: Static<typeof schema.Chassis>, host: string) {
  const at: describe.Place = { host, parent: describe.idOf(host, chassis['@odata.id'] ?? 'chassis') };
  const readings = describe.chassis(chassis, host);
  const thermal = await walk.get(chassis.Thermal, schema.Thermal);
  if (thermal) readings.push(...describe.thermal(thermal, at));
  const power = await walk.get(chassis.Power, schema.Power);
  if (power) readings.push(...describe.power(power, at));
  // Newer services have both for a while: what the old documents told is not asked again.
  if (!thermal) {
    const subsystem = await walk.get(chassis.ThermalSubsystem, schema.ThermalSubsystem);
    for (const fan of await walk.members(subsystem?.Fans, schema.Fan)) readings.push(...describe.fan(fan, at));
    const metrics = await walk.get(subsystem?.ThermalMetrics, schema.ThermalMetrics);
    if (metrics) readings.push(...describe.temperatures(metrics, at));
  }
  if (!power) {
    const subsystem = await walk.get(chassis.PowerSubsystem, schema.PowerSubsystem);
    for (const supply of await walk.members(subsystem?.PowerSupplies, schema.PowerSupply)) {
      const metrics = await walk.get(supply.Metrics, schema.PowerSupplyMetrics);
      readings.push(...describe.powerSupply(supply, metrics, at));
    }
  }
  return readings;
}

async function readSystem(walk: Walk, system: Static<typeof schema.System>, host: string) {
  const at: describe.Place = { host, parent: describe.idOf(host, system['@odata.id'] ?? 'system') };
  const readings = describe.system(system, host);
  for (const module of await walk.members(system.Memory, schema.Memory)) readings.push(...describe.memory(module, at));
  for (const storage of await walk.members(system.Storage, schema.Storage)) {
    for (const link of storage.Drives ?? []) {
      const drive = await walk.get(link, schema.Drive);
      if (drive) readings.push(...describe.drive(drive, at));
    }
  }
  return readings;
}
