import { call } from '../api/client.ts';
import { useResource } from '../api/resource.ts';
import { EmptyState, Loading } from '../ui/empty-state.tsx';
import { ErrorBanner } from '../ui/error-banner.tsx';
import { At } from '../ui/when.tsx';
import { formatBytes } from '../value/unit.ts';

interface InventoryAnswer {
  collectedAt: string | null;
  facts: Record<string, unknown>;
}

const acronyms = new Set([
  'cpu',
  'os',
  'id',
  'mac',
  'uuid',
  'bios',
  'ip',
  'ip4',
  'ip6',
  'l1d',
  'l1i',
  'l2',
  'l3',
  'mtu',
  'gpu',
]);
/** Longer texts take a line of their own. */
const shortText = 100;

/** `logicalCores` and `logical_cores` as words, without the unit that the value carries. */
const words = (name: string): string =>
  name
    .replace(/(?<=[a-z])Bytes$/, '')
    .replace(/[_.]/g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(' ')
    .map((word) => (acronyms.has(word.toLowerCase()) ? word.toUpperCase() : word.toLowerCase()))
    .join(' ')
    .replace(/^./, (first) => first.toUpperCase());

const isPlain = (value: unknown): boolean => value === null || typeof value !== 'object';
const isShort = (value: unknown): boolean => isPlain(value) && String(value).length <= shortText;
const isEmpty = (value: unknown): boolean =>
  value === null || value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

function Plain({ name, value }: { name: string; value: unknown }) {
  if (typeof value === 'number' && /bytes$|^size$|^l\d[di]?$/i.test(name)) return <>{formatBytes(value)}</>;
  if (typeof value === 'boolean') return <>{value ? 'yes' : 'no'}</>;
  return <>{String(value)}</>;
}

/** A list of like things as a table: disks, interfaces, memory modules. */
function Things({ things }: { things: Record<string, unknown>[] }) {
  const columns = [...new Set(things.flatMap((thing) => Object.keys(thing)))]
    .filter((name) => things.some((thing) => !isEmpty(thing[name])))
    .slice(0, 10);
  return (
    <div class="scroll-x">
      <table class="compact">
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name}>{words(name)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {things.map((thing, index) => (
            <tr key={index}>
              {columns.map((name) => (
                <td key={name}>
                  {isPlain(thing[name]) ? (
                    <Plain name={name} value={thing[name] ?? '–'} />
                  ) : (
                    JSON.stringify(thing[name])
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Fact({ name, value }: { name: string; value: unknown }) {
  if (isPlain(value)) return <Plain name={name} value={value} />;
  if (Array.isArray(value)) {
    if (value.every(isPlain)) return <>{value.map(String).join(', ')}</>;
    return <Things things={value as Record<string, unknown>[]} />;
  }
  return <Facts facts={value as Record<string, unknown>} />;
}

function Facts({ facts }: { facts: Record<string, unknown> }) {
  const entries = Object.entries(facts).filter(([, value]) => !isEmpty(value));
  return (
    <dl class="facts">
      {entries.map(([name, value]) => (
        <div key={name} class={isShort(value) ? '' : 'facts-block'}>
          <dt>{words(name)}</dt>
          <dd>
            <Fact name={name} value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

export function Inventory({ node }: { node: string }) {
  const answer = useResource(`inventory ${node}`, 0, (signal) =>
    call<InventoryAnswer | null>(`nodes/${encodeURIComponent(node)}/inventory`, { signal }),
  );
  if (answer.failure && answer.failure.status !== 404)
    return <ErrorBanner failure={answer.failure} retry={answer.reload} />;
  if (answer.loading && answer.data === null) return <Loading />;
  if (!answer.data || Object.keys(answer.data.facts).length === 0) {
    return (
      <EmptyState icon="server" title="No inventory yet">
        The agent sends it when it starts and once a day.
      </EmptyState>
    );
  }
  return (
    <>
      <p class="muted">
        Collected <At at={answer.data.collectedAt} />
      </p>
      <Facts facts={answer.data.facts} />
    </>
  );
}
