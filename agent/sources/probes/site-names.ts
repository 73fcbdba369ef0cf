import { siteNames } from '../../profile/addresses.ts';
import type { SourceContext } from '../source.ts';

type Section = SourceContext['profile']['probes'];
type Addressed = { name: string; url?: string; host?: string; query?: string };

/** Puts the site's suffix and names where addresses have a place for them. */
export function createFill({ suffix, names }: Pick<Section, 'suffix' | 'names'>) {
  const missing = siteNames.filter((name) => names[name] === '').map((name) => `{${name}}`);
  return {
    fill: (text: string): string =>
      siteNames.reduce(
        (filled, name) => filled.replaceAll(`{${name}}`, names[name]),
        text.replaceAll('{suffix}', suffix),
      ),
    /** Whether an address needs a name that the site has not given. */
    waitsForName: ({ url, host, query }: Addressed): boolean =>
      missing.some((place) => [url, host, query].some((text) => text?.includes(place))),
  };
}

/** Names that probes which are switched on wait for, in the order of `siteNames`. */
export function missingNames(section: Section): string[] {
  const items = [...section.https, ...section.tcp, ...section.dns, ...section.revocationLists];
  const addresses = items
    .filter(({ enabled = true }) => enabled)
    .flatMap((item: Addressed) => [item.url ?? '', item.host ?? '', item.query ?? '']);
  return siteNames.filter((name) => section.names[name] === '' && addresses.some((text) => text.includes(`{${name}}`)));
}
