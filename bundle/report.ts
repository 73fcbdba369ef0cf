import { createHash } from 'node:crypto';
import type { Findings } from './analysis/finding.ts';
import { type AskedClasses, isAskedFor } from './asked-classes.ts';
import type { ControlPlane } from './control-plane.ts';
import type { Coverage } from './coverage.ts';
import { type Html, html, trusted } from './html.ts';
import { type ReportChart, renderChart } from './report-chart.ts';
import { renderControlPlane } from './report-control-plane.ts';
import { renderCoverage } from './report-coverage.ts';
import { renderFindings } from './report-findings.ts';
import { formatBytes, formatDuration, formatTime } from './report-format.ts';
import { reportStyle } from './report-style.ts';

interface ReportAlert {
  severity: 'warning' | 'critical';
  state: string;
  node: string;
  subject: string;
  since: string;
  resolvedAt: string | null;
  summary: string;
  whatToDo: string;
}

export interface ReportInput {
  coverage: Coverage;
  /** Some volumes are encrypted and others are not, as when bundles were merged. */
  isMixed?: boolean;
  /** Absent when nothing looked. */
  findings?: Findings | undefined;
  /** Undefined where none can be known: without a collector. */
  alerts: ReportAlert[] | undefined;
  /** Undefined where the parts of a merged bundle have them. */
  inventories: { node: string; collectedAt: string; facts: Record<string, unknown> }[] | undefined;
  /** Absent where nobody has probed. */
  controlPlane?: ControlPlane | undefined;
  /** Undefined where nothing was looked up, or metrics were not asked for. */
  charts: ReportChart[] | undefined;
}

/** Keeps a page of a hundred nodes with thousands of disks readable; the whole inventory is in the volume. */
const maxFactsPerNode = 400;

/** The whole index.html: static, one file, no script, no request to anywhere; coverage first. */
export function renderReport(input: ReportInput): string {
  const { bundle } = input.coverage;
  const styleHash = createHash('sha256').update(reportStyle).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`;
  const bytes = input.coverage.sources.reduce((sum, source) => sum + source.bytes, 0);
  const fact = (name: string, value: string): Html => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${bundle.site}, ${formatTime(bundle.from)} to ${formatTime(bundle.until)}</title>
<style>${trusted(reportStyle)}</style>
</head>
<body>
<header>
<p class="soft">Evidence bundle</p>
<h1>${bundle.site}</h1>
<p class="mono soft">${bundle.name}</p>
<dl class="facts">${fact('From (UTC)', formatTime(bundle.from))}${fact('Until (UTC)', formatTime(bundle.until))}${fact(
    'Window',
    formatDuration(Date.parse(bundle.until) - Date.parse(bundle.from)),
  )}${fact('Nodes', String(new Set(input.coverage.nodes.map(({ node }) => node)).size))}${fact('Content', formatBytes(bytes))}${bundle.classes ? fact('Asked for', `${bundle.classes.join(', ')} alone`) : ''}${fact('Made (UTC)', formatTime(bundle.finishedAt))}</dl>
</header>
<main>
${renderCoverage(input.coverage)}
${renderFindings(input.findings)}
${renderAlerts(input.alerts)}
${renderControlPlane(input.controlPlane)}
${renderCharts(bundle.classes, input.charts, { fromMs: Date.parse(bundle.from), untilMs: Date.parse(bundle.until) })}
${renderInventories(input.inventories)}
</main>
<footer><p>All times are UTC. How to check this bundle with standard tools stands in README.txt. ${redactionNote(input)}</p></footer>
</body>
</html>
`;
  return page.html;
}

const redactionNote = ({ coverage: { bundle, masked }, isMixed }: ReportInput): string => {
  const total = Object.values(masked).reduce((sum, count) => sum + count, 0);
  const sealed =
    bundle.recipients > 0
      ? `The volumes are encrypted to ${bundle.recipients} recipients.`
      : isMixed
        ? 'Volumes whose names end in .age are encrypted, the others are not.'
        : 'The volumes are not encrypted.';
  return bundle.redaction === 'none'
    ? `Nothing was redacted: passwords, names and addresses stand as they were. ${sealed}`
    : `Secrets were masked and names and addresses replaced (profile ${bundle.redaction}) before anything was written: ${total} ${total === 1 ? 'value' : 'values'}. ${sealed}`;
};

function renderAlerts(alerts: ReportAlert[] | undefined): Html {
  if (!alerts)
    return html`<h2>Alerts</h2><div class="card soft">None are listed here: alerts are a collector’s, and stand in the report of a bundle that one made.</div>`;
  if (alerts.length === 0) return html`<h2>Alerts</h2><div class="card soft">No alert was active in this window.</div>`;
  const rank = (alert: ReportAlert): number =>
    (alert.state === 'firing' ? 0 : 2) + (alert.severity === 'critical' ? 0 : 1);
  const rows = [...alerts]
    .sort((a, b) => rank(a) - rank(b) || a.since.localeCompare(b.since))
    .map(
      (alert) =>
        html`<tr><td class="word"><span class="chip ${alert.state !== 'firing' ? 'none' : alert.severity === 'critical' ? 'bad' : 'warn'}">${alert.state === 'firing' ? '▲' : '–'} ${alert.severity}, ${alert.state}</span></td><td class="word">${alert.node}</td><td>${alert.summary}${alert.subject && html` <span class="mono soft">${alert.subject}</span>`}</td><td class="time">${formatTime(alert.since)}</td><td class="time">${formatTime(alert.resolvedAt)}</td><td>${alert.whatToDo}</td></tr>`,
    );
  return html`<h2>Alerts</h2><div class="card scroll"><table><thead><tr><th>State</th><th>Node</th><th>What</th><th>Since</th><th>Until</th><th>What to do</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function renderCharts(
  classes: AskedClasses | undefined,
  charts: ReportChart[] | undefined,
  window: { fromMs: number; untilMs: number },
): Html {
  if (!isAskedFor(classes ?? [], 'metrics'))
    return html`<h2>Charts</h2><div class="card soft">None are drawn: the class metrics was not asked for.</div>`;
  if (!charts)
    return html`<h2>Charts</h2><div class="card soft">None are drawn without a collector’s store; the samples are in the telemetry volume.</div>`;
  const drawn = charts.flatMap((chart) => renderChart(chart, window) ?? []);
  if (drawn.length === 0)
    return html`<h2>Charts</h2><div class="card soft">No metric was stored for this window.</div>`;
  return html`<h2>Charts</h2><div class="charts">${drawn}</div>`;
}

/** `cpu.cores` → `8`, depth first. */
function flatten(value: unknown, path: string, into: [string, string][]): void {
  if (into.length >= maxFactsPerNode) return;
  if (value !== null && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) flatten(inner, path === '' ? key : `${path}.${key}`, into);
  } else if (value !== '' && value !== null && value !== undefined) into.push([path, String(value).slice(0, 500)]);
}

function renderInventories(inventories: ReportInput['inventories']): Html {
  if (!inventories)
    return html`<h2>Inventory</h2><div class="card soft">In the report of each part: data/parts/NAME/index.html.</div>`;
  if (inventories.length === 0) return html`<h2>Inventory</h2><div class="card soft">No inventory was known.</div>`;
  return html`<h2>Inventory</h2>${inventories.map(({ node, collectedAt, facts }) => {
    const rows: [string, string][] = [];
    flatten(facts, '', rows);
    return html`<details class="card"><summary><h3>${node}</h3> <span class="soft">as of ${formatTime(collectedAt)}</span></summary><div class="scroll"><table><tbody>${rows.map(
      ([name, value]) => html`<tr><td class="mono soft">${name}</td><td>${value}</td></tr>`,
    )}</tbody></table></div>${rows.length >= maxFactsPerNode ? html`<p class="soft">Cut here; the whole inventory is in the telemetry volume.</p>` : ''}</details>`;
  })}`;
}
