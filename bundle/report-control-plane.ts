import type { ControlPlane, SeenCertificate } from './control-plane.ts';
import { type Html, html } from './html.ts';
import { formatTime } from './report-format.ts';

const maxRows = 200;
/** As the alert rules: urgent within a week, due within a month. */
const urgentDays = 7;
const dueDays = 30;

const chip = (className: string, text: string): Html => html`<span class="chip ${className}">${text}</span>`;

function daysChip({ daysLeft }: SeenCertificate): Html {
  const text = daysLeft < 0 ? `expired ${-daysLeft} d ago` : `${daysLeft} d left`;
  if (daysLeft < urgentDays) return chip('bad', `✕ ${text}`);
  return daysLeft < dueDays ? chip('warn', `◐ ${text}`) : chip('ok', `✓ ${text}`);
}

const more = (rows: readonly unknown[]): Html =>
  rows.length > maxRows
    ? html`<p class="soft">${rows.length - maxRows} further ones are in control-plane.json of the telemetry volume.</p>`
    : html``;

/** What probes saw last: what the control plane says of itself, endpoints, certificates; the bad ones first. */
export function renderControlPlane(seen: ControlPlane | undefined): Html {
  if (!seen || seen.probes.length + seen.certificates.length + seen.readiness.length === 0) return html``;
  const readiness =
    seen.readiness.length > 0 &&
    html`<div class="card"><ul>${seen.readiness.map(
      ({ node, ready, parts, at }) =>
        html`<li>${ready ? chip('ok', '✓ ready') : chip('bad', '✕ not ready')} as ${node} heard it at ${formatTime(at)}${Object.entries(
          parts,
        ).map(([part, share]) => html`, ${part} ${Math.round(share * 100)} %`)}</li>`,
    )}</ul></div>`;
  const probes =
    seen.probes.length > 0 &&
    html`<h3>Endpoints and other probes</h3><div class="card scroll"><table><thead><tr><th>Probe</th><th>From</th><th>State</th><th>Status</th><th class="number">Time</th><th class="number">Failed looks</th><th>Last look</th></tr></thead><tbody>${seen.probes
      .slice(0, maxRows)
      .map(
        (probe) =>
          html`<tr><td class="word">${probe.name}${probe.url !== '' && html` <span class="mono soft">${probe.url}</span>`}</td><td class="word">${probe.node}</td><td class="word">${
            probe.up ? chip('ok', '✓ up') : chip('bad', `✕ ${probe.error || 'down'}`)
          }</td><td>${probe.status || '–'}</td><td class="number">${probe.seconds === null ? '–' : `${Math.round(probe.seconds * 1000)} ms`}</td><td class="number">${probe.failedLooks} of ${probe.looks}</td><td class="time">${formatTime(probe.at)}</td></tr>`,
      )}</tbody></table>${more(seen.probes)}</div>`;
  const certificates =
    seen.certificates.length > 0 &&
    html`<h3>Certificates</h3><div class="card scroll"><table><thead><tr><th>Of</th><th>Name</th><th>Issuer</th><th>Left</th><th>Expires</th><th>Seen from</th></tr></thead><tbody>${seen.certificates
      .slice(0, maxRows)
      .map(
        (one) =>
          html`<tr><td class="word">${one.target}</td><td>${one.name}${one.position > 0 && html` <span class="soft">(in its chain)</span>`}</td><td>${one.issuer}</td><td class="word">${daysChip(one)}</td><td class="time">${formatTime(one.expiresAt)}</td><td class="word">${one.node}</td></tr>`,
      )}</tbody></table>${more(seen.certificates)}</div>`;
  return html`<h2>Control plane and certificates</h2>${readiness}${probes}${certificates}`;
}
