import type { SiteName } from '../../../../bundle/scanner/name-trie.ts';

/** Names of the site that the corpus is about: short ones and long ones, as inventories and accounts tell them. */
export const siteNames: SiteName[] = [
  { kind: 'host', name: 'n1' },
  { kind: 'host', name: 'hv-node07.corp.fabrikam.example' },
  { kind: 'host', name: 'SQL03' },
  { kind: 'user', name: 'mmueller' },
  { kind: 'user', name: 'jo' },
  { kind: 'user', name: 'svc_backup' },
  { kind: 'domain', name: 'FABRIKAM' },
];

/** A text as a log holds it, and what must not be in it afterwards. */
export interface Planted {
  what: string;
  text: string;
  planted: string[];
  encoding?: 'utf16le';
}

const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
/** Reproducible: the same corpus in every run. */
function generator(seed: number): (max: number) => number {
  let state = seed;
  return (max) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * max);
  };
}
const random = generator(20261128);
const text = (length: number, from = letters): string =>
  Array.from({ length }, () => from[random(from.length)]).join('');
const password = (): string => `${text(5)}7q${text(5)}`;
const strong = (): string => `${text(4)}9Z!${text(4)}#${text(3)}`;
const base64 = (bytes: number): string => Buffer.from(text(bytes)).toString('base64');
const hex = (digits: number): string => text(digits, '0123456789abcdef');
const ip = (): string => `10.${random(200) + 1}.${random(254) + 1}.${random(254) + 1}`;
const publicIp = (): string => `${random(80) + 20}.${random(200) + 1}.${random(254) + 1}.${random(254) + 1}`;
const ip6 = (): string => `2001:db8:${hex(4)}:${hex(4)}::${hex(3)}1`;
const mac = (separator: string): string => ['00', '15', '5d', hex(2), hex(2), `a${hex(1)}`].join(separator);
const person = (): string =>
  `${text(1, 'bcdfgklmprst')}${text(1, 'aeiou')}${text(3, 'bcdfgklmprst')}${text(1, 'aeiou')}${text(2, 'bdkmnst')}`;
const sid = (): string => `${random(4e9) + 1e8}-${random(4e9) + 1e8}-${random(4e9) + 1e8}`;
const recoveryKey = (): string =>
  Array.from({ length: 8 }, () => String((random(65_000) + 100) * 11).padStart(6, '0')).join('-');
const encoded = (command: string): string => Buffer.from(command, 'utf16le').toString('base64');
const jwt = (): string =>
  `eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJ${base64(24).replace(/=/g, '')}.${base64(30).replace(/[=+/]/g, 'x')}`;

type Make = () => { text: string; planted: string[] };
const one =
  (make: (secret: string) => string, secret: () => string = password): Make =>
  () => {
    const value = secret();
    return { text: make(value), planted: [value] };
  };

const time = '2026-11-20T10:11:12.345Z';
const syslog = 'Nov 20 10:11:12 edge1';

/** Kind → forms; each form is planted three times with other values. */
const forms: Record<string, Make[]> = {
  'windows command line': [
    one((s) => `${time} 4688 CommandLine: C:\\Windows\\System32\\net.exe user deploy ${s} /add /domain`),
    one((s) => `net use Z: \\\\10.9.8.7\\share ${s} /persistent:no`),
    one((s) => `schtasks /create /sc daily /tn Backup /tr c:\\b.cmd /ru deploy /rp ${s}`),
    one((s) => `Process Command Line:\tsetup.exe /quiet /p:${s} /norestart`),
    one((s) => `PS> New-LocalUser -Name deploy -Password ${s} -FullName x`),
    one((s) => `powershell.exe -NoProfile -Command "$p = ConvertTo-SecureString '${s}' -AsPlainText -Force"`, strong),
    one((s) => `sc.exe config wuauserv obj= .\\deploy password= ${s}`),
    one((s) => `cmdkey /add:server /user:deploy /pass:${s}`),
    one((s) => `netdom join edge1 /domain:x /userd:deploy /passwordd:${s}`),
    one((s) => `PsExec64.exe \\\\10.2.3.4 -u deploy -p ${s} cmd.exe`),
    one((s) => `sqlcmd -S tcp:db,1433 -U sa -P ${s} -Q "select 1"`),
    one(
      (s) =>
        `reg add "HKLM\\Software\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon" /v DefaultPassword /t REG_SZ /d ${s} /f`,
    ),
    one((s) => `manage-bde -protectors -add C: -RecoveryPassword ${s}`, recoveryKey),
    one((s) => `Register-AzStackHCI -ArmAccessToken ${s} -TenantId x`),
    one((s) => `Connect-AzAccount -AccessToken ${s} -AccountId x`),
    one((s) => `azcmagent connect --service-principal-id x --service-principal-secret ${s}`),
    one((s) => `New-IscsiTarget -ChapUsername x -ChapSecret ${s}`),
    one((s) => `Set-Thing -SecurePassword "${s} with words" -Force`),
    one((s) => `sqlcmd -S db -Usa -P${s} -Q "select 1"`),
    one((s) => `bcp x.dbo.t out t.dat -S db -Usa -P${s}`),
    one((s) => `net use \\\\10.9.8.7\\share /user:FABRIKAM\\deploy ${s}`),
    one((s) => `net user "deploy backup" ${s} /add`),
    one((s) => `net user deploy "${s} with words" /add`),
    one((s) => `<Data Name="CommandLine">&quot;x.exe&quot; -password &quot;${s} with words&quot; -y</Data>`),
    one((s) => `{"body":"\\"x.exe\\" \\"-AuthToken\\" \\"${s}\\""}`),
    () => {
      const s = password();
      return {
        text: `"powershell" "-enc" "${encoded(`net user deploy ${s} /add`)}"`,
        planted: [s, encoded(s).slice(8, 20)],
      };
    },
    () => {
      const s = password();
      return {
        text: `powershell -nop -w hidden -enc ${encoded(`net user deploy ${s} /add`)}`,
        planted: [s, encoded(`net user deploy ${s} /add`)],
      };
    },
    () => {
      const s = password();
      return {
        text: `pwsh.exe -EncodedCommand ${encoded(`$c='Password=${s};Server=db'`)} -ExecutionPolicy Bypass`,
        planted: [s, encoded(s).slice(8, 20)],
      };
    },
  ],
  'linux command line': [
    one((s) => `${syslog} audit: proctitle=mysql -u root -p${s} shop`),
    one((s) => `mysqldump --user=root --password=${s} --all-databases`),
    one((s) => `${syslog} CMD (curl -s -u deploy:${s} https://repo.invalid/x)`),
    one((s) => `sshpass -p ${s} ssh deploy@10.1.2.3 uptime`),
    one((s) => `ldapsearch -x -H ldaps://dc -D cn=reader,dc=x -w ${s} -b dc=x`),
    one((s) => `ipmitool -I lanplus -H 10.1.1.9 -U ADMIN -P ${s} sdr`),
    one((s) => `redis-cli -h cache -a ${s} info`),
    one((s) => `echo ${s} | sudo -S systemctl restart x`),
    one((s) => `echo 'deploy:${s}' | chpasswd`),
    one((s) => `snmpwalk -v2c -c ${s} sw1 1.3.6.1`),
    () => {
      const [a, x] = [password(), password()];
      return { text: `snmpwalk -v3 -u deploy -l authPriv -a SHA -A ${a} -x AES -X ${x} sw1`, planted: [a, x] };
    },
    one((s) => `tool --db-password ${s} --verbose`),
    one((s) => `wget --http-user x --http-password ${s} https://repo.invalid/x`),
    one((s) => `curl -sku deploy:${s} https://repo.invalid/x`),
    one((s) => `curl -udeploy:${s} https://repo.invalid/x`),
    one((s) => `curl --user "deploy:${s} with words" https://repo.invalid/x`),
    one((s) => `ipmitool -I lanplus -H 10.1.1.9 -U ADMIN -P${s} sdr`),
    one((s) => `ldapsearch -x -D cn=reader,dc=x -w${s} -b dc=x`),
    one((s) => `openssl pkcs12 -export -out a.pfx -passout pass:${s}`),
    one((s) => `7z a -p${s} backup.7z /etc`),
    one((s) => `docker login -u deploy -p ${s} registry.invalid`),
    one((s) => `PGPASSWORD=${s} psql -h db -U app`),
    one(
      (s) => `az storage blob list --account-name a --account-key ${s}`,
      () => `${base64(40).replace(/=/g, 'A')}==`,
    ),
    one((s) => `smbclient //files/share -U deploy%${s} -c ls`),
  ],
  'connection string': [
    one((s) => `conn: Server=tcp:db;Database=x;User Id=sa;Password=${s};Encrypt=True;`, strong),
    one((s) => `conn: Server=tcp:db;Database=x;User Id=sa;Password=${s}`, strong),
    one((s) => `"ConnectionString":"Data Source=db;Initial Catalog=x;Pwd=${s}"`),
    one(
      (s) => `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${s};EndpointSuffix=core.windows.net`,
      () => `${base64(63)}Ab==`,
    ),
    one(
      (s) => `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${s}`,
      () => `${base64(63)}Ab==`,
    ),
    one(
      (s) => `Endpoint=sb://bus.invalid/;SharedAccessKeyName=Root;SharedAccessKey=${s}`,
      () => `${base64(31)}Ab=`,
    ),
    one((s) => `Driver={ODBC Driver 17};Server=x;UID=sa;PWD={${s}};`),
    one((s) => `CREATE LOGIN app WITH PASSWORD = N'${s}', CHECK_POLICY = ON`),
    one((s) => `ALTER USER app WITH PASSWORD '${s}'`),
    one((s) => `CREATE USER app IDENTIFIED BY '${s}'`),
    one((s) => `postgresql://app:${s}@db.invalid:5432/x`),
    one((s) => `amqp://guest:${s}@mq:5672/`),
  ],
  'tokens and signatures': [
    one(
      (s) => `GET https://a.blob.core.windows.net/c?sv=2022-11-02&sp=r&sig=${s}&se=2027 200`,
      () => `${text(40)}%3D`,
    ),
    one(
      (s) => `redirect=https%3A%2F%2Fa%2Fc%3Fsv%3D2022%26sig%3D${s}%26se%3D1`,
      () => text(40),
    ),
    one((s) => `Authorization: Bearer ${s}`, jwt),
    one(
      (s) => `{"headers":{"authorization":"Bearer ${s}"}}`,
      () => text(40),
    ),
    one(
      (s) => `proxy-authorization: Basic ${s}`,
      () => base64(18),
    ),
    one((s) => `token refreshed: ${s}`, jwt),
    one(
      (s) => `Set-Cookie: session=${s}; Path=/; HttpOnly`,
      () => text(32),
    ),
    one(
      (s) => `Set-Cookie: session="${s}"; Path=/; HttpOnly`,
      () => text(32),
    ),
    one(
      (s) => `Authorization: Digest username="x", realm="y z", nonce="n", uri="/", response="${s}"`,
      () => hex(32),
    ),
    one(
      (s) => `api_key=${s} accepted`,
      () => text(24),
    ),
    one(
      (s) => `push with ghp_${s}`,
      () => text(36),
    ),
    one(
      (s) => `aws_secret_access_key = ${s}`,
      () => text(40),
    ),
    one(
      (s) => `storage key ${s} rotated`,
      () => `${text(86)}==`,
    ),
    one(
      (s) => `client secret abc8Q~${s}`,
      () => text(34),
    ),
    one(
      (s) => `Authorization: Negotiate ${s}`,
      () => `YII${text(80)}`,
    ),
    one(
      (s) => `debug NTLM message ${s}`,
      () => `TlRMTVNTUAADAAAA${text(40)}`,
    ),
  ],
  'fields of secrets': [
    one((s) => `password: ${s}`, strong),
    one((s) => `{"user":"root","password":"${s}"}`),
    one((s) => `{"log":"{\\"password\\":\\"${s}\\",\\"n\\":1}"}`),
    one((s) => `client_secret = "${s} with words"`),
    one((s) => `<AdminPassword>${s}</AdminPassword>`),
    one((s) => `<Data Name="Password">${s}</Data>`),
    one((s) => `<add key="DbPassword" value="${s}"/>`),
    one((s) => `- name: DB_PASSWORD\n  value: ${s}`),
    one((s) => `{"name":"API_TOKEN","value":"${s}"}`),
    one((s) => `"args": [\n  "--password",\n  "${s}"\n]`),
    one((s) => `<AutoLogon><Password>\n  <Value>${s}</Value>\n</Password></AutoLogon>`),
    one((s) => `    DefaultPassword    REG_SZ    ${s}`),
    one((s) => `<keyMaterial>${s}</keyMaterial>`),
    one((s) => `    Key Content            : ${s}`),
    one((s) => `{"level":"info","password":"${s}`),
    one((s) => `{"body":"{\\"user\\":\\"x\\",\\"password\\":\\"${s}","n":1}`),
    one((s) => `{"password":["${s}","x"]}`),
    one((s) => `{"password":{"value":"${s}"}}`),
    one((s) => `"adminPassword": {\n  "value": "${s}"\n}`),
    one((s) => `{"name":"adminPassword","type":"secureString","value":"${s}"}`),
    one((s) => `{"value":"${s}","name":"adminPassword"}`),
    one((s) => `<accessToken>${s}</accessToken>`),
    one((s) => `<passphrase>${s}</passphrase>`),
    one((s) => `<token>${s}</token>`),
    one((s) => `<api-key>${s}</api-key>`),
    one((s) => `<AccountKey>${s}</AccountKey>`),
    one((s) => `<Password><![CDATA[${s}]]></Password>`),
    one((s) => `<Data>&lt;Password&gt;${s}&lt;/Password&gt;</Data>`),
    one((s) => `<property name="password"><value>${s}</value></property>`),
    one((s) => `login with password=$${s}`),
    one((s) => `wpa_supplicant: psk="${s}"`),
    one((s) => `ms-Mcs-AdmPwd: ${s}`),
    one((s) => `msLAPS-Password: {"n":"Administrator","t":"1d91c6a2f3b4c5d","p":"${s}"}`),
    one((s) => `GET /login?next=%2F%3Fuser%3Dx%26password%3D${s}%26y`),
    one((s) => `snmp-server community ${s} RO`),
    one((s) => `rocommunity ${s} default`),
    one(
      (s) => `username ops password 7 ${s}`,
      () => hex(16).toUpperCase(),
    ),
    one(
      (s) => `the new password is ${s}`,
      () => `${password()}!`,
    ),
  ],
  'keys and hashes': [
    one(
      (s) => `-----BEGIN RSA PRIVATE KEY-----\n${s}\n${s}\n-----END RSA PRIVATE KEY-----`,
      () => text(64),
    ),
    one(
      (s) => `"key":"-----BEGIN PRIVATE KEY-----\\n${s}\\n-----END PRIVATE KEY-----\\n"`,
      () => text(64),
    ),
    one(
      (s) =>
        `{"MESSAGE":"-----BEGIN EC PRIVATE KEY-----"}\n{"MESSAGE":"${s}"}\n{"MESSAGE":"-----END EC PRIVATE KEY-----"}`,
      () => text(64),
    ),
    () => {
      const [a, b, c] = [text(64), text(64), text(64)] as [string, string, string];
      const app = `${syslog} app[12]:`;
      const others = [`${syslog} sshd[7]: Connection closed by peer [preauth]`, `${syslog} kernel: link is up`];
      const lines = [`${app} -----BEGIN RSA PRIVATE KEY-----`, `${app} ${a}`, others[0], `${app} ${b}`];
      return {
        text: [...lines, others[1], `${app} ${c}`, `${app} -----END RSA PRIVATE KEY-----`].join('\n'),
        planted: [a, b, c],
      };
    },
    one(
      (s) => `<keyMaterial>\n-----BEGIN PRIVATE KEY-----\n${s}\n${s}\n-----END PRIVATE KEY-----\n</keyMaterial>`,
      () => text(64),
    ),
    one(
      (s) => `PfxData=${s}`,
      () => `MII${text(60)}`,
    ),
    one((s) => `BitLocker recovery password ${s} saved`, recoveryKey),
    one(
      (s) => `deploy:$6$abcdefgh$${s}:19000:0:99999:7:::`,
      () => text(60),
    ),
    one(
      (s) => `Administrator:500:aad3b435b51404eeaad3b435b51404ee:${s}:::`,
      () => hex(32),
    ),
    one(
      (s) => `hash deploy::X:1122334455667788:${s}:0101000000000000aabbccddeeff0011`,
      () => hex(32),
    ),
    one(
      (s) => `$krb5tgs$23$*svc$X*$${s}`,
      () => hex(60),
    ),
    one(
      (s) => `ConvertFrom-SecureString: 01000000d08c9ddf0115d1118c7a00c04fc297eb${s}`,
      () => hex(80),
    ),
  ],
  'powershell over lines': [
    one((s) => `PS C:\\> New-LocalUser -Name deploy \`\n>> -Password \`\n>>   ${s} \`\n>> -Force`),
    one((s) => `PS C:\\> $c = New-Object PSCredential 'x', (ConvertTo-SecureString \`\n>>   -String '${s}' -Force)`),
    one((s) => `$pw = @'\n${s}\n'@`, strong),
    one((s) => `UserName Password     Enabled\n-------- --------     -------\nroot     ${s} True\n`),
    one(
      (s) =>
        `Name                           Value\n----                           -----\nAdminPassword                  ${s}`,
    ),
    one(
      (s) => `Name   : token\nToken  : ${'x1Y2z3'.repeat(12)}\n         ${s}`,
      () => text(40),
    ),
    one((s) => `  <S N="Key">AdminPassword</S>\n  <S N="Value">${s}</S>`),
    one((s) => `ParameterBinding(ConvertTo-SecureString): name="String"; value="${s}"`, strong),
    one((s) => `<Data Name="ScriptBlockText">ConvertTo-SecureString &quot;${s}&quot; -AsPlainText</Data>`),
    one((s) => `{"Message":"{\\u0022user\\u0022:\\u0022x\\u0022,\\u0022password\\u0022:\\u0022${s}\\u0022}"}`),
    one((s) => `PS C:\\> $pass = '${s}'`, strong),
    one((s) => `PS C:\\> Set-Secret lcm '${s}'`, strong),
    one((s) => `Set-ItemProperty 'HKLM:\\x\\Winlogon' DefaultPassword '${s}'`),
    one(
      (s) => `Set-ClusterQuorum -CloudWitness -AccountName w -AccessKey ${s}`,
      () => text(40),
    ),
    one((s) => `az keyvault secret set --vault-name kv --name lcm --value ${s}`),
    one((s) => `Cannot validate argument on parameter 'Password'. The argument "${s}" does not match`),
    one((s) => `"adminPassword": {\n  "type": "SecureString",\n  "value": "${s}"\n}`),
    one((s) => `{"adminPassword":{"type":"SecureString","value":"${s}"}}`),
    one((s) => `<AutoLogon>\n<Password>\n  <PlainText>true</PlainText>\n  <Value>${s}</Value>\n</Password>`),
    one((s) => `<Password>\n  ${s}\n</Password>`),
    () => {
      const bytes = [...Buffer.from(password(), 'utf16le')].map((byte) => byte.toString(16).padStart(2, '0'));
      const [first, second] = [bytes.slice(0, 12).join(','), bytes.slice(12).join(',')];
      return { text: `"DefaultPassword"=hex(1):${first},\\\n  ${second},00,00`, planted: [first, second] };
    },
  ],
  'switches and boards': [
    one((s) => `snmp-server community 7 ${s} rw`),
    one((s) => `snmp-server host 127.0.0.1 vrf mgmt version 2c ${s}`),
    one((s) => `snmp-server user deploy grp 3 auth sha2-256 ${s}`),
    one((s) => `ntp authentication-key 10 sha1 0 ${s}`),
    one((s) => `enable algorithm-type scrypt secret ${s}`),
    one((s) => `local-user deploy password simple ${s}`),
    one(
      (s) => `set auth-pwd ENC ${s}`,
      () => base64(30),
    ),
    one((s) => `snmpd[12]: bad community string ${s} from UDP`),
    one((s) => `racadm set iDRAC.SNMP.AgentCommunity ${s}`),
    one((s) => `OneCli.exe config set IMM.PASSWORD.1 ${s}`),
    one((s) => `OneCli.exe inventory getinfor --bmc USERID:${s}@127.0.0.1`),
    one((s) => `ipmitool -I lanplus -H 127.0.0.1 -U root -k ${s} sol activate`),
    one((s) => `iscsicli CHAPSecret ${s}`),
  ],
  'linux evidence': [
    one((s) => `type=EXECVE msg=audit(1.1:1): argc=4 a0="mysql" a1="-u" a2="root" a3="-p${s}"`),
    one((s) => `type=EXECVE msg=audit(1.1:1): argc=3 a0="tool" a1="--password" a2="${s}"`),
    () => {
      const s = password();
      const title = Buffer.from(`mysql\0-p${s}`).toString('hex').toUpperCase();
      return { text: `type=PROCTITLE msg=audit(1.1:1): proctitle=${title}`, planted: [title] };
    },
    one((s) => `password=\u001b[31m${s}\u001b[0m`),
    one((s) => `${syslog} app: #033[1mpassword#033[0m: #033[32m${s}#033[0m`),
    one((s) => `"Cmd": ["redis-server","--requirepass","${s}"]`),
    one((s) => `args:\n  - --password\n  - ${s}`),
    one((s) => `  - name: DB_PASS\n    value: ${s}`),
    one((s) => `x.exe -u deploy -p ${s} --now`),
    one((s) => `id,user,password\n1,root,${s}`),
    one((s) => ` id | password\n----+----------\n  1 | ${s}`),
    one((s) => `[sudo] password for deploy: ${s}`),
    one((s) => `variable "admin_password" {\n  default = "${s}"\n}`),
    one(
      (s) => `GET /api?code=${s}== HTTP/1.1`,
      () => text(54),
    ),
    one(
      (s) => `Authorization: Splunk ${s}`,
      () => `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`,
    ),
    one(
      (s) => `{"kty":"EC","crv":"P-256","x":"a","d":"${s}"}`,
      () => text(43),
    ),
    one((s) => `next=https%3A%2F%2Fdeploy%3A${s}%40repo.invalid`),
    one(
      (s) => `{"workspaceKey":"${s}"}`,
      () => text(40),
    ),
  ],
  addresses: [
    one(
      (s) => `client identifier 01-00-15-5D-${s}`,
      () => `${hex(2)}-a${hex(1)}-${hex(2)}`.toUpperCase(),
    ),
    one(
      (s) => `PermanentAddress : 00155D${s}`,
      () => `A${hex(5)}`.toUpperCase(),
    ),
    one((s) => `connect to ${s}:445 failed`, ip),
    one((s) => `backup abc-${s} started`, ip),
    one((s) => `peer=${s}/24 up`, publicIp),
    one((s) => `{"net.peer.ip":"${s}"}`, publicIp),
    one((s) => `IP ${s}.52010 > 127.0.0.1.53: UDP`, ip),
    one((s) => `host_${s}_eth0 link`, ip),
    one((s) => `listening on [${s}]:8443`, ip6),
    one(
      (s) => `neighbour ${s} dev eth0`,
      () => `fe80::${hex(4)}:${hex(3)}1:${hex(4)}:${hex(4)}`,
    ),
    one((s) => `mapped ::ffff:${s} ok`, ip),
    one(
      (s) => `lladdr ${s} REACHABLE`,
      () => mac(':'),
    ),
    one(
      (s) => `Physical Address. . . : ${s}`,
      () => mac('-').toUpperCase(),
    ),
    one(
      (s) => `switch saw ${s} on port 3`,
      () => `0015.5d${hex(2)}.a${hex(3)}`,
    ),
    one((s) => `Security ID: S-1-5-21-${s}-1104`, sid),
    one((s) => `S-1-12-1-${s}-77`, sid),
    one((s) => `node/${s}:9092 disconnected`, ip),
  ],
  people: [
    one((s) => `Kontoname:\t\t${s}`, person),
    one((s) => `Nom du compte :\t${s}`, person),
    one((s) => `${syslog} sshd[12]: Disconnected from user ${s} 127.0.0.1 port 22`, person),
    one((s) => `    DefaultUserName    REG_SZ    ${s}`, person),
    one((s) => `Client: ${s} @ FABRIKAM`, person),
    one((s) => `username:s:FABRIKAM\\${s}`, person),
    one((s) => `${syslog} sshd[12]: Accepted publickey for ${s} from 127.0.0.1 port 22 ssh2`, person),
    one((s) => `${syslog} sshd[12]: Failed password for invalid user ${s} from ::1 port 22`, person),
    one((s) => `${syslog} su: pam_unix(su:session): session opened for user ${s}(uid=1000) by (uid=0)`, person),
    one((s) => `${syslog} sudo:   ${s} : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls`, person),
    one((s) => `open C:\\Users\\${s}\\AppData\\Local\\Temp\\x.log`, person),
    one((s) => `{"path":"C:\\\\Users\\\\${s}\\\\Documents\\\\a.txt"}`, person),
    one((s) => `cannot stat /home/${s}/.ssh/config`, person),
    one((s) => `mail from ${s}@contoso.example accepted`, person),
    one((s) => `UPN ${s}@corp.fabrikam.example signed in`, person),
    one((s) => `FABRIKAM\\${s} logged on`, person),
    one((s) => `{"u":"FABRIKAM\\\\${s}"}`, person),
    one((s) => `Account Name:\t\t${s}`, person),
    one((s) => `<Data Name="TargetUserName">${s}</Data>`, person),
    one((s) => `type=USER_LOGIN acct="${s}" exe="/usr/sbin/sshd"`, person),
    one((s) => `user=${s} action=login`, person),
    one((s) => `copy \\\\${s}\\share\\x.vhdx done`, person),
    one((s) => `Workstation Name:\tPC-${s}`, person),
    one((s) => `<Computer>${s}.corp.fabrikam.example</Computer>`, person),
  ],
};

/** Texts of the site's own names, in every surrounding. */
const names: Planted[] = [
  ['short host name', 'Nov 20 10:11:12 n1 kernel: link up', ['n1']],
  ['short host name between hyphens', 'volume data-n1-01 online', ['n1-', '-n1']],
  ['full host name', 'connect hv-node07.corp.fabrikam.example:443', ['hv-node07', 'fabrikam']],
  ['host name in upper case', 'HV-NODE07 is down', ['HV-NODE07']],
  ['host name in a share', '\\\\SQL03\\c$\\x', ['SQL03']],
  ['host name in a share within JSON', '{"p":"\\\\\\\\SQL03\\\\c$"}', ['SQL03']],
  ['machine account', 'FABRIKAM\\SQL03$ joined', ['SQL03', 'FABRIKAM']],
  ['account', 'task of mmueller ended', ['mmueller']],
  ['short account', 'locked by jo (tty1)', [' jo ']],
  ['account with underscore', 'started as svc_backup.', ['svc_backup']],
  ['account in a path', '/srv/mmueller/data', ['mmueller']],
  ['account with the domain', 'FABRIKAM\\mmueller failed', ['mmueller', 'FABRIKAM']],
  ['UPN of the account', 'mmueller@corp.fabrikam.example', ['mmueller', 'fabrikam']],
].map(([what, line, planted]) => ({ what: what as string, text: line as string, planted: planted as string[] }));

/** Every planted text; deterministic. */
export function plantedTexts(): Planted[] {
  const made: Planted[] = [];
  for (const [kind, makes] of Object.entries(forms)) {
    for (const [index, make] of makes.entries()) {
      for (let n = 0; n < 3; n++) {
        const { text: line, planted } = make();
        made.push({ what: `${kind} ${index + 1}`, text: line, planted });
      }
      const { text: line, planted } = make();
      made.push({ what: `${kind} ${index + 1} in UTF-16`, text: line, planted, encoding: 'utf16le' });
    }
  }
  return [...made, ...names];
}
