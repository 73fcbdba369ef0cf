import type { Finding, Findings } from './analysis/finding.ts';
import { countText } from './analysis/finding.ts';
import { type Html, html } from './html.ts';
import { formatTime } from './report-format.ts';

/** Colour is always paired with a sign and a word. */
const looks = { critical: ['bad', '▲'], warning: ['warn', '◆'], info: ['none', '–'] } as const;

const maxShown = 200;

function findingCard(finding: Finding): Html {
  const { severity, title, node, subject, text, next, count, first, last, evidence } = finding;
  const [className, sign] = looks[severity];
  const where = [node || 'the site', subject].filter((part) => part !== '').join(' · ');
  const span = first === null ? '' : `, ${formatTime(first)} to ${formatTime(last)}`;
  const lines =
    evidence.length > 0 &&
    html`<div class="scroll"><table><thead><tr><th>Time</th><th>Channel</th><th>Record</th></tr></thead><tbody>${evidence.map(
      (one) =>
        html`<tr><td class="time">${formatTime(one.timestamp)}</td><td class="mono">${one.channel}</td><td class="mono">${one.text}</td></tr>`,
    )}</tbody></table></div>`;
  return html`<details class="card"${severity === 'critical' && html` open`}><summary><span class="chip ${className}">${sign} ${severity}</span> <h3>${title}</h3> <span class="soft">${where} · ${count}×${span}</span></summary>${
    text !== '' && html`<p>${text}</p>`
  }<p><b>Next:</b> ${next}</p>${lines}</details>`;
}

/** What known patterns point at, the worst first; what was not looked at is said as well. */
export function renderFindings(findings: Findings | undefined): Html {
  if (!findings)
    return html`<h2>Findings</h2><div class="card soft">Nothing has looked at the volumes of this bundle as a whole. What was found in the parts of a merged bundle stands in data/parts/NAME/index.html; <span class="mono">sextant bundle analyze</span> looks at all of them, with a key where they are encrypted.</div>`;
  const shown = findings.findings.slice(0, maxShown);
  const hidden = findings.findings.length - shown.length + findings.omitted;
  const looked = `${findings.analyzers} analyzers looked at ${findings.records} records and ${findings.samples} samples: ${countText(findings.findings)}.`;
  return html`<h2>Findings</h2><p class="soft">${looked} A finding is a pattern that is known, no verdict; what nobody knows yet is not among them.${
    !findings.withEvidence &&
    html` The volumes are encrypted: texts and records of the findings are in the volume _findings.`
  }${hidden > 0 && html` ${hidden} further ones are left out here.`}${
    findings.failed.length > 0 && html` Not looked at, since the analyzer failed: ${findings.failed.join('; ')}.`
  }</p>${shown.map(findingCard)}`;
}
