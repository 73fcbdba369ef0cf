import type { Signal } from '@preact/signals';
import { type BundleClass, bundleClasses } from '../../../../collector/api/shapes/bundles.ts';

const meanings: Record<BundleClass, string> = {
  files: 'Files of nodes',
  commands: 'Command outputs',
  journal: 'Journals of nodes',
  logs: 'Stored logs',
  metrics: 'Stored metrics',
};

/** Which classes of content a bundle is to hold; `left` are those that are taken out. */
export function ClassField({ left }: { left: Signal<ReadonlySet<BundleClass>> }) {
  return (
    <fieldset class="field">
      <legend>
        Content <span class="muted">{left.value.size === 0 ? 'all' : ''}</span>
      </legend>
      <div class="radio-row">
        {bundleClasses.map((kind) => (
          <label key={kind} class="check">
            <input
              type="checkbox"
              checked={!left.value.has(kind)}
              onChange={(event) => {
                const others = new Set(left.value);
                if (event.currentTarget.checked) others.delete(kind);
                else others.add(kind);
                left.value = others;
              }}
            />
            {meanings[kind]}
          </label>
        ))}
      </div>
      {left.value.size === bundleClasses.length ? (
        <p class="fault" role="alert">
          Choose at least one.
        </p>
      ) : null}
    </fieldset>
  );
}

/** For an order: empty when nothing was taken out. */
export const classesIn = (left: ReadonlySet<BundleClass>): BundleClass[] =>
  left.size === 0 ? [] : bundleClasses.filter((kind) => !left.has(kind));

/** None chosen: an order of that would be one of all. */
export const isNoClass = (left: ReadonlySet<BundleClass>): boolean => left.size === bundleClasses.length;
