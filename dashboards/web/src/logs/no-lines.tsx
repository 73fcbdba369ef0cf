import { setParams } from '../place/location.ts';
import { zoomOut } from '../place/range.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { isFiltered } from './log-query.ts';

/** Why there is nothing to read, and what to do about it. */
export function NoLines() {
  if (isFiltered.value) {
    return (
      <EmptyState icon="lens" title="No line matches">
        <p>
          <button
            type="button"
            class="button"
            onClick={() => setParams({ q: null, node: null, severity: null, line: null })}
          >
            Remove the filters
          </button>{' '}
          <button type="button" class="button" onClick={zoomOut}>
            Look at a longer time
          </button>
        </p>
      </EmptyState>
    );
  }
  return (
    <EmptyState icon="rows" title="No lines in this range">
      <p>
        <button type="button" class="button" onClick={zoomOut}>
          Look at a longer time
        </button>
      </p>
      <p>Agents follow the files and journals of their profile; add more with</p>
      <pre>sextant up --follow '/path/*.log'</pre>
    </EmptyState>
  );
}
