import { isNodeClass, notGathered, unaskedQuestions } from './asked-classes.ts';
import { type Coverage, type CoverageSource, collectorNode, isGap } from './coverage.ts';
import { noRole } from './no-role.ts';
import { isParquetSource } from './parquet.ts';
import { formatBytes, formatTime } from './report-format.ts';

const maxQuestions = 100;
const named = 6;

/** Questions that a bundle cannot answer, told from what it lacks. Those about whole nodes come first. */
export function unanswered(coverage: Pick<Coverage, 'bundle' | 'nodes' | 'sources'>): string[] {
  const { bundle, nodes, sources } = coverage;
  const { classes = [] } = bundle;
  const questions: string[] = [];
  // Where bundles were merged, what one of them lacks another may have.
  const gathered = new Set(nodes.filter(({ state }) => state === 'gathered').map(({ node }) => node));
  const lost = nodes.map(({ node }) => node).filter((node) => !gathered.has(node));
  if (lost.length > 0) {
    const lacks = notGathered(classes);
    questions.push(
      lacks === undefined
        ? `What only ${list(lost)} had and had not sent yet.`
        : `What only ${list(lost)} could tell: ${lacks}.`,
    );
  }
  for (const source of sources) questions.push(...ofGaps(source), ...ofLimit(source));
  const silent = sources.filter(({ source, state }) => source === 'telemetry/metrics' && state === 'absent');
  const nodesOnly = silent.map(({ node }) => node).filter((node) => nodes.some((entry) => entry.node === node));
  if (nodesOnly.length > 0) questions.push(`How loaded ${list(nodesOnly)} was: no metrics of the window are stored.`);
  for (const [node, own] of Map.groupBy(
    sources.filter(({ source, state, leftOut }) => isGap(state) && !leftOut && !isParquetSource(source)),
    ({ node }) => node,
  )) {
    if (lost.includes(node)) continue;
    const who = node === collectorNode ? 'the collector' : node;
    questions.push(
      `What ${list(own.map(({ source, state }) => `${source} (${state})`))} of ${who} would have told in full.`,
    );
  }
  const unclocked = nodes.filter(({ state, clockOffsetMs }) => state === 'gathered' && clockOffsetMs === null);
  if (unclocked.length > 0 && nodes.length > 1) {
    questions.push(
      `In which order things happened on ${list(unclocked.map(({ node }) => node))} and elsewhere: the offset of these clocks is not known.`,
    );
  }
  const isStoredAlone = bundle.roles.length > 0 && bundle.roles.every((role) => role === noRole);
  if (isStoredAlone) {
    questions.push(
      'What files, command output and journals of the nodes would have told: only what is stored was asked for.',
    );
  } else if (bundle.roles.length > 0) {
    questions.push(`What other roles would have brought: only ${list(bundle.roles)} of the nodes were asked for.`);
  }
  for (const { kind, question } of unaskedQuestions(classes)) {
    // Of those without a role it has been told already.
    if (!isStoredAlone || !isNodeClass(kind)) questions.push(question);
  }
  return questions.length <= maxQuestions
    ? questions
    : [...questions.slice(0, maxQuestions), `and ${questions.length - maxQuestions} more: see the gaps of each source`];
}

const list = (names: readonly string[]): string => {
  const all = [...new Set(names)];
  return all.length <= named ? all.join(', ') : `${all.slice(0, named).join(', ')} and ${all.length - named} more`;
};

function ofGaps({ node, source, gaps = [] }: CoverageSource): string[] {
  const who = node === collectorNode ? 'the collector' : node;
  return gaps.map(
    ({ from, until, what }) =>
      `What happened on ${who} from ${formatTime(from)} to ${formatTime(until)} (UTC) by ${source}: ${what}.`,
  );
}

function ofLimit({ node, source, leftOut }: CoverageSource): string[] {
  const who = node === collectorNode ? 'the collector' : node;
  return leftOut
    ? [`What else stood in ${source} of ${who}: a limit of size left out some ${formatBytes(leftOut.bytes)}.`]
    : [];
}
