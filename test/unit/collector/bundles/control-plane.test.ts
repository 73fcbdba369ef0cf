import { afterAll, beforeAll, expect, test } from 'vitest';
import { renderControlPlane } from '../../../../bundle/report-control-plane.ts';
import { readControlPlane } from '../../../../collector/bundles/control-plane.ts';
import { startEngine } from '../query/engine.ts';

const begin = Date.parse('2026-11-20T08:00:00Z');
let engine: Awaited<ReturnType<typeof startEngine>>;

const sample = (
  MetricName: string,
  minute: number,
  Value: number,
  Attributes: Record<string, string>,
  Node = 'n1',
) => ({
  ...{ MetricName, Value, Attributes, Node },
  TimeUnix: new Date(begin + minute * 60_000).toISOString().slice(0, -1).replace('T', ' '),
});
const portal = { 'sextant.probe.name': 'portal' };
const upOf = { 'sextant.probe.kind': 'https', 'sextant.probe.group': 'control-plane' };
const certificate = (position: string, cn: string) => ({
  ...portal,
  ...{ 'tlscheck.target': 'portal.site.private', 'tlscheck.x509.cn': cn, 'tlscheck.x509.issuer': 'Site CA' },
  ...{ 'tlscheck.x509.san': '', 'tlscheck.chain.position': position },
});

beforeAll(async () => {
  engine = await startEngine();
  await engine.insert('otel_metrics_gauge', [
    sample('sextant.probe.up', 1, 1, { ...portal, ...upOf }),
    sample('sextant.probe.up', 2, 0, { ...portal, ...upOf, 'error.type': 'status_503' }),
    sample('sextant.probe.duration', 2, 0.25, { ...portal, 'sextant.probe.kind': 'https' }),
    ...(['2xx', '5xx'] as const).map((each) =>
      sample('httpcheck.status', 2, Number(each === '5xx'), {
        ...portal,
        ...{ 'http.url': 'https://portal.site.private/<b>', 'http.status_class': each, 'http.status_code': '503' },
      }),
    ),
    // What was answered and seen before is not what there is now.
    sample('httpcheck.status', 1, 1, {
      ...portal,
      ...{ 'http.url': 'https://portal.site.private/<b>', 'http.status_class': '2xx', 'http.status_code': '200' },
    }),
    sample('tlscheck.time_left', 0, 86_400, certificate('0', 'portal, before its renewal')),
    sample('tlscheck.time_left', 1, 5 * 86_400 + 60, certificate('0', 'portal')),
    sample('tlscheck.time_left', 2, 5 * 86_400, certificate('0', 'portal')),
    sample('tlscheck.time_left', 2, 400 * 86_400, certificate('1', 'Site CA')),
    sample('azurelocal.control_plane.ready', 2, 0, { 'sextant.probe.name': 'readiness' }),
    sample('azurelocal.control_plane.readiness', 2, 0.5, {
      ...{ 'sextant.probe.name': 'readiness', 'azurelocal.control_plane.part': 'Identity' },
    }),
    sample('sextant.probe.up', 2, 1, { 'sextant.probe.name': 'other', ...upOf }, 'n2'),
    sample('sextant.probe.up', 90, 1, { ...portal, ...upOf }),
  ]);
});
afterAll(() => engine.close());

const read = (nodes: string[]) =>
  readControlPlane(
    engine.store,
    { fromUnixMs: begin, untilUnixMs: begin + 3_600_000, nodes },
    new AbortController().signal,
  );

test('has what each probe of the nodes saw last in the window: endpoint, status, time, certificates, readiness', async () => {
  expect(await read(['n1'])).toEqual({
    readiness: [{ node: 'n1', ready: false, parts: { Identity: 0.5 }, at: '2026-11-20T08:02:00.000Z' }],
    probes: [
      {
        ...{ node: 'n1', name: 'portal', kind: 'https', group: 'control-plane', up: false, error: 'status_503' },
        ...{ url: 'https://portal.site.private/<b>', status: '5xx', seconds: 0.25, looks: 2, failedLooks: 1 },
        at: '2026-11-20T08:02:00.000Z',
      },
    ],
    certificates: [
      expect.objectContaining({ name: 'portal', position: 0, daysLeft: 5, expiresAt: '2026-11-25T08:02:00.000Z' }),
      expect.objectContaining({ name: 'Site CA', position: 1, daysLeft: 400 }),
    ],
  });
});

test('stands on the first page, escaped, what is bad with a sign and a word', async () => {
  const { html } = renderControlPlane(await read(['n1', 'n2']));
  expect(html).toContain('✕ not ready');
  expect(html).toContain('Identity 50 %');
  expect(html).toContain('✕ status_503');
  expect(html).toContain('1 of 2');
  expect(html).toContain('✕ 5 d left');
  expect(html).toContain('✓ 400 d left');
  expect(html).not.toContain('<b>');
  expect(renderControlPlane(await read(['n9'])).html).toBe('');
});
