import { session } from '../api/session.ts';
import { addressOf } from '../place/location.ts';
import { zone } from '../place/range.ts';
import { formatDateTime, zoneLabel } from '../time/format-time.ts';
import { Icon } from '../ui/icon.tsx';

/** Says on every page that what is shown was carried here, and from where. */
export function EvidenceBanner() {
  const evidence = session.value.kind === 'open' ? session.value.info.evidence : undefined;
  if (!evidence) return null;
  const { bundles } = evidence;
  const sites = [...new Set(bundles.map((bundle) => bundle.site))].join(', ');
  const [only] = bundles;
  const what = bundles.length === 1 && only ? `bundle ${only.name}` : `${bundles.length} bundles`;
  const untilMs = Date.parse(evidence.until);
  return (
    <div class="banner banner-page evidence-banner">
      <Icon name="box" />
      <p>
        <strong>Evidence, not live:</strong> {what}, site {sites},{' '}
        {formatDateTime(Date.parse(evidence.from), zone.value)} to {formatDateTime(untilMs, zone.value)}{' '}
        {zoneLabel(zone.value, untilMs)}. Nothing here changes.
      </p>
      <a class="button button-small" href={addressOf('/evidence')}>
        What is missing
      </a>
    </div>
  );
}
