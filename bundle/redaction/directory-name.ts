import { type LineView, utf8 } from './line-view.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { isHostName, isPersonalName } from './rules/identities.ts';

/** The value of a name's part, which may hold blanks and escaped signs (RFC 4514). */
const commonName = /(?:^|[^A-Za-z0-9])(?:cn|uid)=((?:\\{1,4}[^\\\r\n]|[^\\=,;<>"\r\n]){1,64})$/i;
const labels = /(?:^|[^A-Za-z0-9])((?:dc=[A-Za-z0-9-]{1,63},)*dc=[A-Za-z0-9-]{1,63})$/i;
/** Containers, groups and objects that every directory has. */
const everywhere =
  /^(?:users|computers|system|configuration|schema|builtin|services|sites|servers|subnets|policies|microsoft.*|windows.*|public key.*|program data|deleted objects|lostandfound|managed service accounts|foreignsecurityprincipals|infrastructure|partitions|aggregate|display-?specifiers|physical locations|ntds.*|default-first-site-name|inter-site transports|(?:domain|enterprise|schema|group policy|cert|backup|server|account|print|remote|dns|cluster) .*|\{.*|[0-9a-f-]{32,})$/i;

/**
 * `at`: the `=` of `,OU=`, `,CN=` or `,DC=` in a distinguished name. Replaces the person, the account or the machine before
 * it, and the domain that its DCs spell. What has no DC is a certificate's name, and stays.
 */
export function directoryName(line: LineView, at: number, pseudonyms: Pseudonyms): void {
  const comma = at - 3;
  const behind = line.slice(comma, comma + 256);
  const firstLabel = behind.search(/,dc=/i);
  if (firstLabel === -1) return;
  const before = line.slice(comma - 260, comma);
  const name = commonName.exec(before.slice(-70))?.[1];
  if (name !== undefined && !everywhere.test(name) && isPersonalName(name)) {
    const isMachine = /^,(?:cn=computers|ou=domain controllers),/i.test(behind) && isHostName(name);
    const made = isMachine ? pseudonyms.hostName(name) : pseudonyms.name('user', utf8(name));
    line.put(comma - name.length, comma, made, isMachine ? 'host' : 'user');
  }
  if (firstLabel > 0) return;
  const earlier = labels.exec(before)?.[1] ?? '';
  const later = /^(?:,dc=[A-Za-z0-9-]{1,63})+/i.exec(behind)?.[0] ?? '';
  const all = earlier + later;
  const domain = all.replace(/^,/, '').replaceAll(/dc=/gi, '').replaceAll(',', '.');
  if (/^dom-[0-9a-z]{8}$/.test(domain) || !/[a-z]/i.test(domain)) return;
  const start = comma - earlier.length + (earlier === '' ? 4 : 3);
  line.put(start, comma + later.length, pseudonyms.name('domain', domain), 'domain');
}
