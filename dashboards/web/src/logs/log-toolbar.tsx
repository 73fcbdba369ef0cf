import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { type Severity, severities } from '../../../../collector/api/shapes/logs.ts';
import { useShortcuts } from '../keys/shortcuts.ts';
import { setParams } from '../place/location.ts';
import { severityLabels } from '../ui/badge.tsx';
import { Icon } from '../ui/icon.tsx';
import { Popover } from '../ui/popover.tsx';
import { logQuery } from './log-query.ts';
import { QueryHelp } from './query-help.tsx';

function Search() {
  const field = useRef<HTMLInputElement>(null);
  const help = useSignal(false);
  const text = useSignal(logQuery.value.q);
  const asked = logQuery.value.q;
  useEffect(() => {
    text.value = asked;
  }, [asked]);
  const toggleHelp = (): void => {
    help.value = !help.value;
  };
  useShortcuts([{ key: '/', does: 'Search the logs', run: () => field.current?.select() }]);
  const search = (value: string): void => setParams({ q: value.trim(), line: null });
  return (
    <search>
      <form
        class="search"
        onSubmit={(event) => {
          event.preventDefault();
          search(text.value);
        }}
      >
        <Icon name="lens" />
        <input
          ref={field}
          type="text"
          class="mono"
          aria-label="Search the logs"
          placeholder="Search: words, field:value, -without"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="search"
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
        {asked === '' && text.value === '' ? (
          <kbd>/</kbd>
        ) : (
          <button
            type="button"
            class="button button-bare"
            aria-label="Clear the search"
            onClick={() => {
              text.value = '';
              search('');
            }}
          >
            <Icon name="cross" />
          </button>
        )}
        {text.value.trim() !== asked ? (
          <button type="submit" class="button button-small">
            Search ↵
          </button>
        ) : null}
        <div class="anchor">
          <button
            type="button"
            class="button button-bare"
            aria-haspopup="dialog"
            aria-expanded={help.value}
            onClick={toggleHelp}
          >
            Syntax
          </button>
          {help.value ? (
            <Popover label="Query language" close={toggleHelp} class="help-panel">
              <QueryHelp />
            </Popover>
          ) : null}
        </div>
      </form>
    </search>
  );
}

/** The worst first, records without a severity last. */
const shownFirst: Severity[] = [...severities.filter((one) => one !== 'unset').reverse(), 'unset'];

function SeverityChips() {
  const chosen = logQuery.value.severities;
  const toggle = (severity: Severity): void => {
    const next = chosen.includes(severity) ? chosen.filter((one) => one !== severity) : [...chosen, severity];
    setParams({ severity: next.join(','), line: null });
  };
  return (
    <fieldset class="chips" aria-label="Severities">
      {shownFirst.map((severity) => (
        <button
          key={severity}
          type="button"
          class={`chip chip-${severity}`}
          aria-pressed={chosen.includes(severity)}
          onClick={() => toggle(severity)}
        >
          <span class="chip-mark" aria-hidden="true" />
          {severity === 'unset' ? 'none' : severityLabels[severity].toLowerCase()}
        </button>
      ))}
    </fieldset>
  );
}

export function LogToolbar({ nodes }: { nodes: readonly string[] }) {
  const { node } = logQuery.value;
  const names = node !== '' && !nodes.includes(node) ? [...nodes, node] : nodes;
  return (
    <div class="log-toolbar">
      <Search />
      <div class="log-filters">
        <SeverityChips />
        <label class="select">
          <span class="visually-hidden">Node</span>
          <select value={node} onChange={(event) => setParams({ node: event.currentTarget.value, line: null })}>
            <option value="">All nodes</option>
            {names.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
    </div>
  );
}
