/**
 * Names of an event's own fields, from its XML, in the order in which EvtRender gives their values: the `Name` of each
 * `<Data>`, or in `<UserData>` the names of the elements that hold text. What has no name counts: `param1`, `param2` …
 *
 * `count` is how many values there are; undefined when the XML speaks of another number (it leaves out optional fields
 * that are empty), since names would then stand at the wrong values.
 */
export function dataNames(xml: string, count: number): string[] | undefined {
  const eventData = inside(xml, 'EventData');
  const found =
    eventData !== undefined
      ? [...eventData.matchAll(/<(?:Data|ComplexData|Binary)(?=[\s/>])([^>]*)>/g)].map(([, attributes]) =>
          nameIn(attributes ?? ''),
        )
      : [...(inside(xml, 'UserData') ?? '').matchAll(/<([\w.:-]+)(?:\s[^>]*)?(?:\/>|>[^<]*<\/\1>)/g)].map(
          ([, name]) => name,
        );
  if (found.length !== count) return undefined;
  return found.map((name, index) => name || `param${index + 1}`);
}

/** Names where the event names nothing. */
export const positionNames = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `param${index + 1}`);

function inside(xml: string, element: string): string | undefined {
  const start = xml.indexOf(`<${element}`);
  const end = xml.lastIndexOf(`</${element}>`);
  return start < 0 || end < start ? undefined : xml.slice(xml.indexOf('>', start) + 1, end);
}

/** Names are identifiers of a manifest; anything longer is none. */
const nameIn = (attributes: string): string | undefined =>
  /\bName=(?:'([^']{1,128})'|"([^"]{1,128})")/.exec(attributes)?.slice(1).find(Boolean);
