import { isAllAskedFor } from './asked-classes.ts';
import { type Coverage, type CoverageNode, type CoverageSource, collectorNode, isGap } from './coverage.ts';
import { type Html, html } from './html.ts';
import { formatBytes, formatDuration, formatTime } from './report-format.ts';

/** Colour is always paired with a sign and a word. */
const looks: Record<string, [className: string, sign: string]> = {
  ok: ['ok', '✓'],
  gathered: ['ok', '✓'],
  absent: ['none', '–'],
  partial: ['warn', '◐'],
  'rotated-away': ['warn', '◐'],
  timeout: ['bad', '✕'],
  denied: ['bad', '✕'],
  unreachable: ['bad', '✕'],
  failed: ['bad', '✕'],
};

function stateChip(state: string): Html {
  const [className, sign] = looks[state] ?? ['none', '?'];
  return html`<span class="chip ${className}">${sign} ${state}</span>`;
}

const masked = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([rule, count]) => `${count} × ${rule}`)
    .join(', ') || '–';

const sourceRow = (source: CoverageSource, withNode: boolean): Html =>
  html`<tr>${
    withNode && html`<td class="word">${source.node}</td>`
  }<td class="mono word">${source.source}</td><td class="word">${stateChip(source.state)}</td>${
    !withNode &&
    html`<td class="number">${formatBytes(source.bytes)}</td><td class="time">${formatTime(source.first)}</td><td class="time">${formatTime(source.last)}</td>`
  }<td>${source.reason ?? '–'}${!withNode && gapLines(source)}</td>${!withNode && html`<td>${masked(source.masked)}</td>`}</tr>`;

const gapLines = ({ gaps = [] }: CoverageSource): Html[] =>
  gaps.map(
    ({ kind, from, until, what }) =>
      html`<div class="soft">◌ ${kind}, ${formatTime(from)} to ${formatTime(until)}: ${what}</div>`,
  );

const offset = (ms: number | null): string =>
  ms === null ? 'unknown' : `${ms >= 0 ? '+' : '−'}${formatDuration(Math.abs(ms))}`;

/** `rows`: several of one node where bundles were merged that each know it. */
function nodeSection(name: string, rows: readonly CoverageNode[], sources: CoverageSource[]): Html {
  const gaps = sources.filter((source) => isGap(source.state)).length;
  const bytes = sources.reduce((sum, source) => sum + source.bytes, 0);
  const title = name === collectorNode ? 'The collector’s own records' : name;
  const summary = rows.map(
    (node) =>
      html`${stateChip(node.state)} <span class="soft">${node.os} · last seen ${formatTime(node.lastSeen)} · clock ${offset(node.clockOffsetMs)}</span> `,
  );
  const isLost = rows.some(({ state }) => state !== 'gathered');
  return html`<details class="card"${gaps > 0 || isLost ? html` open` : ''}><summary><h3>${title}</h3> ${summary} <span class="soft">${sources.length} ${sources.length === 1 ? 'source' : 'sources'}, ${formatBytes(bytes)}${gaps > 0 ? `, ${gaps} with a gap` : ''}</span></summary>${rows.map(
    ({ reason }) => reason && html`<p>${reason}</p>`,
  )}<div class="scroll"><table><thead><tr><th>Source</th><th>State</th><th class="number">Size</th><th>First</th><th>Last</th><th>Reason</th><th>Replaced</th></tr></thead><tbody>${sources.map(
    (source) => sourceRow(source, false),
  )}</tbody></table></div></details>`;
}

/** Coverage: the gaps of all nodes first, then every source of every node. */
export function renderCoverage(coverage: Coverage): Html {
  const gaps = coverage.sources.filter((source) => isGap(source.state));
  const lostNodes = coverage.nodes.filter((node) => node.state !== 'gathered');
  const bySource = Map.groupBy(coverage.sources, (source) => source.node);
  const nodes = [...new Set(coverage.nodes.map((node) => node.node))];
  // What has sources and is no node: who sent syslog, and last the collector.
  const others = [...bySource.keys()].filter((name) => !nodes.includes(name) && name !== collectorNode);
  const names = [...nodes, ...others, collectorNode];
  const questions = coverage.unanswered ?? [];
  const whole =
    questions.length === 0
      ? 'Everything that was asked for is in this bundle.'
      : isAllAskedFor(coverage.bundle)
        ? 'Everything that there was to take is in this bundle. What it cannot answer stands below.'
        : 'Everything that was asked for and that there was to take is in this bundle; not everything was asked for. What it cannot answer stands below.';
  const verdict =
    coverage.bundle.state === 'complete'
      ? html`<div class="verdict ok"><b>✓ Complete.</b> ${whole}</div>`
      : html`<div class="verdict gap"><b>✕ Partial.</b> ${gapCount(lostNodes.length, gaps.length)} What is missing stands below, with the reason.</div>`;
  const gapTable =
    gaps.length + lostNodes.length > 0 &&
    html`<h2>What is missing</h2><div class="card scroll"><table><thead><tr><th>Node</th><th>Source</th><th>State</th><th>Reason</th></tr></thead><tbody>${lostNodes.map(
      (node) =>
        html`<tr><td class="word">${node.node}</td><td class="soft">the node</td><td class="word">${stateChip(node.state)}</td><td>${node.reason ?? '–'}</td></tr>`,
    )}${gaps.map((source) => sourceRow(source, true))}</tbody></table></div>`;
  const notes =
    coverage.notes && coverage.notes.length > 0
      ? html`<h2>How this bundle was made</h2><div class="card"><ul>${coverage.notes.map((note) => html`<li>${note}</li>`)}</ul></div>`
      : '';
  const unanswered =
    questions.length > 0 &&
    html`<h2>What this bundle cannot answer</h2><div class="card"><ul>${questions.map((question) => html`<li>${question}</li>`)}</ul></div>`;
  return html`${verdict}${gapTable}${unanswered}${notes}<h2>Coverage</h2>${names.map((name) =>
    nodeSection(
      name,
      coverage.nodes.filter((node) => node.node === name),
      bySource.get(name) ?? [],
    ),
  )}`;
}

const gapCount = (nodes: number, sources: number): string => {
  const parts = [
    nodes > 0 ? `${nodes} ${nodes === 1 ? 'node' : 'nodes'}` : '',
    sources > 0 ? `${sources} ${sources === 1 ? 'source' : 'sources'}` : '',
  ].filter((part) => part !== '');
  return `${parts.join(' and ')} left a gap.`;
};
