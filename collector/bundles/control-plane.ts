import type { ControlPlane, ProbeResult, SeenCertificate } from '../../bundle/control-plane.ts';
import { sqlFile } from '../query/sql-file.ts';
import type { Store } from '../store/store.ts';
import type { Window } from './node-window.ts';

const resultsSql = sqlFile('sql/probe-results.sql', import.meta.url);
const dayMs = 24 * 3_600_000;

interface Row {
  node: string;
  metric: string;
  attributes: Record<string, string>;
  errorType: string;
  value: number;
  looks: string | number;
  zeros: string | number;
  lastUnixMs: string | number;
}

const iso = (unixMs: number): string => new Date(unixMs).toISOString();
const name = (row: Row): string => row.attributes['sextant.probe.name'] ?? '';

/** Of each key the row that was seen last. */
function newest(rows: readonly Row[], keyOf: (row: Row) => string[]): Row[] {
  const found = new Map<string, Row>();
  for (const row of rows) {
    const key = JSON.stringify(keyOf(row));
    if (Number(row.lastUnixMs) >= Number(found.get(key)?.lastUnixMs ?? 0)) found.set(key, row);
  }
  return [...found.values()];
}

/** The last results of the probes of these nodes within the window: endpoints, certificates, readiness. */
export async function readControlPlane(
  store: Pick<Store, 'query'>,
  { fromUnixMs: fromMs, untilUnixMs: untilMs, nodes }: Window & { nodes: readonly string[] },
  signal: AbortSignal,
): Promise<ControlPlane> {
  const { rows } = await store.query<Row>(resultsSql, { parameters: { fromMs, untilMs, nodes }, signal });
  const of = (metric: string): Row[] => rows.filter((row) => row.metric === metric);
  const durations = of('sextant.probe.duration');
  // A status, and a certificate, is an attribute: what was answered before is a row of its own.
  const statuses = newest(
    of('httpcheck.status').filter(({ value }) => value === 1),
    (row) => [row.node, name(row)],
  );
  const seen = newest(of('tlscheck.time_left'), ({ node, attributes }) => [
    ...[node, attributes['tlscheck.target'] ?? ''],
    attributes['tlscheck.chain.position'] ?? '',
  ]);
  const same = (row: Row, other: Row): boolean => row.node === other.node && name(row) === name(other);

  const probes = of('sextant.probe.up').map((row): ProbeResult => {
    const up = row.value === 1;
    const status = statuses.find((other) => same(row, other));
    return {
      node: row.node,
      name: name(row),
      kind: row.attributes['sextant.probe.kind'] ?? '',
      group: row.attributes['sextant.probe.group'] ?? '',
      up,
      error: up ? '' : row.errorType,
      url: status?.attributes['http.url'] ?? '',
      status: status?.attributes['http.status_class'] ?? '',
      seconds: durations.find((other) => same(row, other))?.value ?? null,
      looks: Number(row.looks),
      failedLooks: Number(row.zeros),
      at: iso(Number(row.lastUnixMs)),
    };
  });
  const certificates = seen.map((row): SeenCertificate => {
    const atMs = Number(row.lastUnixMs);
    return {
      node: row.node,
      target: row.attributes['tlscheck.target'] ?? '',
      name: row.attributes['tlscheck.x509.cn'] ?? '',
      issuer: row.attributes['tlscheck.x509.issuer'] ?? '',
      position: Number(row.attributes['tlscheck.chain.position'] ?? 0),
      expiresAt: iso(atMs + row.value * 1000),
      daysLeft: Math.floor((row.value * 1000) / dayMs),
      at: iso(atMs),
    };
  });
  const parts = of('azurelocal.control_plane.readiness');
  const readiness = of('azurelocal.control_plane.ready').map((row) => ({
    node: row.node,
    ready: row.value === 1,
    parts: Object.fromEntries(
      parts
        .filter((part) => same(row, part))
        .map((part) => [part.attributes['azurelocal.control_plane.part'] ?? '', part.value]),
    ),
    at: iso(Number(row.lastUnixMs)),
  }));
  return {
    readiness,
    probes: probes.sort((a, b) => Number(a.up) - Number(b.up) || a.name.localeCompare(b.name)),
    certificates: certificates.sort((a, b) => a.daysLeft - b.daysLeft),
  };
}
