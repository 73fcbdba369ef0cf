const rows: [string, string][] = [
  ['disk full', 'both words, anywhere in the message, capitals or not'],
  ['refus*', 'also inside a longer word'],
  ['"connection refused"', 'this phrase'],
  ['-heartbeat', 'without this word'],
  ['node:cp-01', 'from this node'],
  ['severity:>=warn', 'of this severity or worse'],
  ['service:sshd', 'from this service'],
  ['log.file.path:/var/log/*', 'any attribute by its name; * for what begins so'],
  ['error OR warning', 'one or the other'],
  ['(timeout OR refused) -test', 'grouped'],
];

/** The query language, beside the box that takes it. */
export function QueryHelp() {
  return (
    <dl class="query-help">
      {rows.map(([query, meaning]) => (
        <div key={query}>
          <dt>
            <code>{query}</code>
          </dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  );
}
