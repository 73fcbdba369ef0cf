import { isAllAskedFor } from './asked-classes.ts';
import type { Coverage } from './coverage.ts';
import { hasParquet, parquetLine } from './parquet.ts';
import { rawBase } from './raw-volume.ts';
import type { RedactionProfile } from './redaction/profile.ts';
import { parseVolumeName } from './volume-name.ts';

const redactionText: Record<RedactionProfile, string> = {
  none: `  NOTHING WAS REDACTED: passwords, keys, names and addresses stand in it as they were logged.`,
  standard: `  Passwords, keys and tokens were masked before anything was written. The same secret has the same mark,
  [masked:<rule>:<fingerprint>], in every bundle of the site; the mark cannot be turned back.
  Names and addresses stand under pseudonyms, the same ones in every bundle of the site: host-…, user-…, dom-…,
  IPv4 addresses with numbers above 255, IPv6 and MAC addresses with letters from g to v. Networks, vendors of
  network cards and the last part of a SID are preserved. Only the site can tell what a pseudonym stands for:
  sextant redaction reveal PSEUDONYM`,
  strict: `  Passwords, keys, tokens and whatever looks like one were masked before anything was written. The same secret
  has the same mark, [masked:<rule>:<fingerprint>], in every bundle of the site; the mark cannot be turned back.
  Names, addresses, GUIDs and serial numbers stand under pseudonyms, the same ones in every bundle of the site:
  host-…, user-…, dom-…, guid-…, IPv4 addresses with numbers above 255, IPv6 and MAC addresses with letters from
  g to v. Only the site can tell what a pseudonym stands for: sextant redaction reveal PSEUDONYM`,
};

/** Beside the bundle, in which nothing may be added and which may lie on a medium that cannot be written. */
const opened = ({ bundle }: Coverage): string => `       OUT="$HOME/${bundle.name}-opened"; mkdir -p "$OUT"`;

const testPlain = `  4. Can every volume be read?
       for f in data/*.zip; do unzip -tq "$f"; done
  Windows without these tools: certutil -hashfile data\\NAME.zip SHA512, and compare with manifest-sha512.txt.`;

const unzipAll = `       for f in data/*.zip; do n="$(basename "$f" .zip)"; unzip -q "$f" -d "$OUT/$n"; done`;
const decryptAll = `       for f in data/*.zip.age; do n="$(basename "$f" .zip.age)"; age -d -i KEYFILE -o "$OUT/$n.zip" "$f" && unzip -q "$OUT/$n.zip" -d "$OUT/$n"; done`;

const openPlain = (coverage: Coverage): string => `${testPlain}

OPEN IT (in this folder; outside of it, so that nothing is added to what was signed)
${opened(coverage)}
${unzipAll}
  or with the file manager. The volumes are not encrypted.`;

const openEncrypted = (
  coverage: Coverage,
): string => `  None of these needs a key to the content: the checksums are of the encrypted files.
  Windows without these tools: certutil -hashfile data\\NAME.zip.age SHA512, and compare with manifest-sha512.txt.

OPEN IT (in this folder; outside of it, so that nothing is added to what was signed)
  Every volume is encrypted (age, https://age-encryption.org/v1) to ${coverage.bundle.recipients} recipients; the key file of any one opens it.
  Put its path in place of KEYFILE:
${opened(coverage)}
${decryptAll}`;

const openMixed = (coverage: Coverage): string => `${testPlain}

OPEN IT (in this folder; outside of it, so that nothing is added to what was signed)
  Volumes whose names end in .zip are not encrypted:
${opened(coverage)}
${unzipAll}
  Those whose names end in .age are encrypted (age, https://age-encryption.org/v1). Put the path of your key file in place of
  KEYFILE; those of other recipients stay closed:
${decryptAll}`;

const rawLine = ({ nodes }: Coverage): string =>
  nodes.some(({ volumes }) => volumes.some(({ name }) => parseVolumeName(name)?.base === rawBase))
    ? `  data/raw.v001.zip.age ...    NOT REDACTED, encrypted only: event logs, dumps and binary files as they lay on the nodes\n`
    : '';

/**
 * Plain words for the person who opens the bundle months later, on a machine without any of our software. `isMixed`: some of
 * its volumes are encrypted and others are not, as when bundles were merged.
 */
export function formatReadme(
  coverage: Coverage,
  { publicKeyLine, keyId, isMixed }: { publicKeyLine: string; keyId: string; isMixed: boolean },
): string {
  const { bundle } = coverage;
  const whole =
    (coverage.unanswered ?? []).length === 0
      ? 'Everything that was asked for is in it.'
      : isAllAskedFor(bundle)
        ? 'Everything that there was to take is in it; coverage.json and index.html say which questions it cannot answer.'
        : 'Everything that was asked for and that there was to take is in it; not everything was asked for: coverage.json and index.html say which questions it cannot answer.';
  const gaps =
    bundle.state === 'complete'
      ? whole
      : 'NOT everything that was asked for is in it: coverage.json and the first table of index.html say what is missing and why.';
  const age = bundle.recipients > 0 ? '.age' : '';
  return `EVIDENCE BUNDLE ${bundle.name}
================================================================

Site     ${bundle.site}
Window   ${bundle.from} to ${bundle.until} (UTC)
Made     ${bundle.finishedAt}
State    ${bundle.state}. ${gaps}
${(coverage.notes ?? []).map((note) => `Note     ${note.replace(/[\r\n]+/g, ' ')}\n`).join('')}
START HERE
  Open index.html in any browser. It needs no network and runs no script.

WHAT IS IN IT
  index.html                   report: what is covered, findings, alerts, nodes, charts
  coverage.json                what was taken from which node, what is missing, and why
  findings.json                what known patterns point at, with times and counts
  coverage.schema.json, findings.schema.json
                               what stands in these two, field by field (JSON Schema)
  data/<node>.v001.zip${age} ...     files and command outputs of that node; index.json in it says where each came from
  data/telemetry.v001.zip${age} ...  what the collector had stored: logs (by node, source, channel or file, and
                               hour; of much in one hour the rest is in ~2, ~3 ...) and metrics, one JSON object a line,
                               alerts.json, inventory, configuration, control-plane.json (what probes saw last)
${hasParquet(coverage) ? parquetLine : ''}${rawLine(coverage)}  Every zip file stands on its own: if one is damaged, the others open.
  An entry that ends with .part002 continues the entry of the same name without it: join them in order.
  Times are UTC. Times of node files are the node's own clock; coverage.json has each clock's offset.
${redactionText[bundle.redaction]}

CHECK IT (in this folder; Linux, macOS, or Windows with WSL or Git Bash)
  1. Who made it, and is the list of checksums the one they made?
       minisign -V -m tagmanifest-sha512.txt -P ${publicKeyLine}
     The key above came with the bundle. It proves the origin only if you have compared it with the one
     that the site gave you another way. Key id: ${keyId}
  2. Are the descriptions unchanged?
       sha512sum -c tagmanifest-sha512.txt
  3. Are the data unchanged?
       sha512sum -c manifest-sha512.txt
     A macOS without sha512sum has it as: shasum -a 512 -c
${(bundle.recipients > 0 ? openEncrypted : isMixed ? openMixed : openPlain)(coverage)}
  No volume needs Zip64.

With Sextant at hand, one command does all the checks:  sextant bundle verify FOLDER

The folder is a BagIt 1.0 bag (RFC 8493); the signature is minisign's (https://jedisct1.github.io/minisign/).
`;
}
