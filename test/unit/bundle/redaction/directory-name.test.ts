import { expect, test } from 'vitest';
import { createRedactor } from '../../../../bundle/redaction/redactor.ts';

const redactor = createRedactor({
  key: Buffer.alloc(32, 7),
  profile: 'standard',
  names: [
    { kind: 'domain', name: 'CONTOSO' },
    { kind: 'user', name: 'jdoe' },
    { kind: 'host', name: 'hv7' },
  ],
});

test.each([
  ['CN=Otto Karl,OU=Users,DC=fabrikam,DC=example', ['Otto', 'Karl', 'fabrikam', 'example']],
  ['CN=Karl\\, Otto,OU=Users,DC=fabrikam,DC=example', ['Otto', 'Karl']],
  ['{"dn":"CN=Karl\\\\, Otto,OU=x,DC=fabrikam,DC=example"}', ['Otto', 'Karl']],
  ['uid=otto,ou=people,dc=fabrikam,dc=example', ['otto', 'fabrikam']],
  ['CN=PC9,CN=Computers,DC=fabrikam,DC=example', ['PC9', 'fabrikam']],
  ['search base DC=fabrikam,DC=example done', ['fabrikam', 'example']],
  ['GET /x?u=otto%40fabrikam.example', ['otto', 'fabrikam']],
  ['PC9$@FABRIKAM.EXAMPLE', ['PC9', 'FABRIKAM']],
  ['otto_fabrikam.example#EXT#@contoso.example', ['otto', 'fabrikam']],
  ['CONTOSO%5Cotto', ['CONTOSO', 'otto']],
  ['next=%2Fu%2Fjdoe%20x', ['jdoe']],
  ['{"m":"a\\njdoe\\tb\\u0022hv7\\u0022"}', ['jdoe', 'hv7']],
  ['MACAddress: 00155D0A0B0C', ['0A0B0C']],
  ['{"macAddress":"00155d0a0b0c"}', ['0a0b0c']],
  ['enx00155d0a0b0c: link up', ['0a0b0c']],
  ['open C:/Users/otto/x', ['otto']],
])('no name is left in %s', (text, names) => {
  const once = redactor.text(text, {});
  for (const name of names) expect(once).not.toContain(name);
  expect(redactor.text(once, {})).toBe(once);
});

test('the domain of a distinguished name and that of a mail address have the same pseudonym', () => {
  const domain = /dom-[0-9a-z]{8}/;
  const ofName = domain.exec(redactor.text('CN=Otto Karl,OU=Users,DC=fabrikam,DC=example', {}))?.[0];
  expect(ofName).toBe(domain.exec(redactor.text('otto@fabrikam.example', {}))?.[0]);
});

test.each([
  'CN=Microsoft Root Certificate Authority 2011,O=Microsoft Corporation,C=US',
  'CN=Otto Root CA,OU=PKI,O=Example',
  'memberOf: CN=Domain Admins,CN=Users,O=x',
  'a,dc=5,cn=1',
  '/api/v1/users/list',
  'mac: none, mac=001122',
])('leaves alone: %s', (text) => {
  expect(redactor.text(text, {})).toBe(text);
});
