import { entityQuote, isSecretValue, quote, type RedactionRule, unmarked } from '../rule.ts';
import { argument } from './command-argument.ts';

const exe = `(?:64)?(?:\\.exe)?${quote}?`;
/** Anything of the same command, up to a blank. */
const upTo = (chars: number): string => `[^\\r\\n|;]{0,${chars}}?(?<=[ \\t])`;

/** Programs of Windows that take another machine, an account and `/p`. */
const slashP = [
  ...['schtasks', 'systeminfo', 'tasklist', 'taskkill', 'driverquery', 'getmac', 'gpresult', 'openfiles'],
  ...['eventcreate', 'signtool', 'wevtutil', 'quser', 'typeperf'],
];
/** Programs whose `-p` is a password. */
const dashP = [
  ...['paexec', 'crackmapexec', 'nxc', 'netexec', 'evil-winrm', 'xfreerdp', 'wlfreerdp', 'cqlsh', 'mongodump'],
  ...['mongorestore', 'mongoexport', 'mongoimport', 'rabbitmqadmin', 'podman login', 'nerdctl login', 'oc login'],
  ...['registry login', 'ilorest', 'ipmi-sensors', 'ipmi-sel', 'ipmipower', 'ipmiconsole', 'bmc-config', 'esxcli'],
  ...['ncftpget', 'ncftpput', 'certutil', 'winrs', 'winrm', 'choco', 'knife', 'isql', 'usermod', 'useradd'],
];
const anyOf = (names: readonly string[]): string => names.map((name) => name.replace(' ', '[ \\t]+')).join('|');
/** Ends of those whose beginnings stand in every log: the scanner looks where a hint can begin. */
const ends: Readonly<Record<string, string>> = {
  certutil: 'rtutil',
  eventcreate: 'ntcreate',
  getmac: 'etmac',
  'nerdctl login': 'rdctl login',
  systeminfo: 'eminfo',
  typeperf: 'peperf',
};
const starts = (names: readonly string[]): string[] =>
  names
    .map((name) => ends[name] ?? name)
    .flatMap((name) => [`${name} `, `${name}.exe`, `${name}"`, `${name}64`].slice(0, name.includes(' ') ? 1 : 4));

/** What stands before the password on the command lines of each. */
const beforePassword = [
  `(?:${anyOf(slashP)})${exe}[ \\t]${upTo(300)}/p[ \\t:]+`,
  `(?:${anyOf(dashP)})${exe}[ \\t]${upTo(300)}-p[ \\t:=]+`,
  `openssl${exe}[ \\t]+(?:(?:enc|aes-?\\d+[a-z0-9-]*|des3?|ts)[ \\t]${upTo(300)}-k[ \\t]+|dgst[ \\t]${upTo(200)}-hmac[ \\t]+|passwd[ \\t]+(?:-(?:[0-9]|apr1|aixmd5|crypt|quiet|noverify|table|salt[ \\t]+[^ \\t\\r\\n]+)[ \\t]+)*|ca[ \\t]${upTo(200)}-key[ \\t]+(?!file))`,
  `zip${exe}[ \\t]+-[a-z]{0,6}P[ \\t]+`,
  `rar${exe}[ \\t]${upTo(200)}-hp(?=[^ \\t\\r\\n])`,
  `7za?${exe}[ \\t]${upTo(200)}${quote}-p`,
  `vmrun${exe}[ \\t]${upTo(200)}-[gv]?p[ \\t]+`,
  `(?:choco|nuget)${exe}[ \\t]+push[ \\t]${upTo(200)}-k[ \\t]+`,
  `keytool${exe}[ \\t]${upTo(300)}-[a-z]{0,5}(?:store|key)pass[ \\t]+`,
  `curl${exe}[ \\t]${upTo(400)}(?:--oauth2-bearer[ \\t=]+|(?:-E|--cert)[ \\t]+[^ \\t\\r\\n:]+:)`,
  `lftp${exe}[ \\t]${upTo(100)}-u[ \\t]+[^ \\t\\r\\n,]+,`,
  `rclone${exe}[ \\t]+(?:obscure[ \\t]+|config[ \\t][^\\r\\n]{0,200}[ \\t]pass[ \\t]+)`,
  `ldappasswd[ \\t]${upTo(300)}-[sa][ \\t]+`,
  `rasdial${exe}[ \\t]+(?:${quote}[^"'&\\r\\n\\\\]+${quote}|[^ \\t\\r\\n/"'&\\\\]+)[ \\t]+[^ \\t\\r\\n/]+[ \\t]+`,
  `logman${exe}[ \\t]${upTo(200)}-u[ \\t]+[^ \\t\\r\\n]+[ \\t]+`,
  `autologon(?:64)?\\.exe${quote}?[ \\t]+(?:/accepteula[ \\t]+)?[^ \\t\\r\\n]+[ \\t]+[^ \\t\\r\\n]+[ \\t]+`,
  `vault[ \\t]+(?:login|operator[ \\t]+unseal)[ \\t]+`,
  `rabbitmqctl[ \\t][^\\r\\n]{0,60}?(?:add_user|change_password)[ \\t]+[^ \\t\\r\\n]+[ \\t]+`,
  `samba-tool[ \\t]+user[ \\t]+(?:create|add)[ \\t]+[^ \\t\\r\\n]+[ \\t]+`,
  `iscsiadm[ \\t][^\\r\\n]{0,300}?\\.auth\\.password(?:_in)?[ \\t]+-v[ \\t]+`,
  `(?:incoming|outgoing)user[ \\t]+[^ \\t\\r\\n]+[ \\t]+`,
  `sentinel[ \\t]+auth-pass[ \\t]+[^ \\t\\r\\n]+[ \\t]+`,
  `nmcli[ \\t][^\\r\\n]{0,200}?[ \\t](?:password|[a-z0-9-]*(?:sec|security)\\.(?:psk|wep-key\\d|leap-password))[ \\t]+`,
  `(?:wifi-sec|wireless-security)\\.(?:psk|wep-key\\d)[ \\t]+`,
  `netsh${exe}[ \\t]+wlan[ \\t]${upTo(200)}key=(?!clear)`,
  `from-literal[= \\t]+${quote}?[A-Za-z0-9_.-]{1,100}=`,
  `redis-server${exe}[ \\t]${upTo(300)}--masterauth[ \\t]+`,
  `user[ \\t]+set[ \\t]+password[ \\t]+\\d{1,2}[ \\t]+`,
  `racadm${exe}[ \\t][^\\r\\n]{0,200}?(?:set[ \\t]+[A-Za-z0-9.]{1,60}(?:Password|PassPhrase|CommunityName)[ \\t]+|-o[ \\t]+cfg[A-Za-z]{1,40}(?:Password|Community|Passwd)[ \\t]+(?:-i[ \\t]+\\d+[ \\t]+)?)`,
  `SMCIPMITool${exe}[ \\t]+[^ \\t\\r\\n]+[ \\t]+[^ \\t\\r\\n]+[ \\t]+`,
  `net1?${exe}[ \\t]+user[ \\t]+(?:/[a-z]+(?::[^ \\t\\r\\n]+)?[ \\t]+)+[^ \\t\\r\\n/]+[ \\t]+`,
];

/** What stands before it where account and password are one word. */
const beforeJoined = [
  `\\b(?:ab|https?|xh|httpie)${exe}[ \\t]+(?:[A-Z]{3,7}[ \\t]+)?(?:-A|-a|--auth)(?:[ \\t]+|=)${quote}?[^ \\t\\r\\n:"'&\\\\]+:`,
  `--(?:src-|dest-)?creds(?:[ \\t]+|=)${quote}?[^ \\t\\r\\n:"'&\\\\]+:`,
  `\\b(?:etcdctl|ctr|nerdctl|govc)[ \\t]${upTo(200)}(?:-u|--user)(?:[ \\t]+|=)${quote}?[^ \\t\\r\\n:"'&\\\\]+:`,
  `\\b(?:impacket-[a-z0-9-]+|[A-Za-z]+\\.py)[ \\t]${upTo(200)}${quote}?(?:[A-Za-z0-9.-]+/)?[A-Za-z0-9_.$-]+:(?=[^ \\t\\r\\n]+@)`,
  `\\b(?:smbclient|rpcclient|smbget|smbcacls|smbtree|mount\\.cifs|net${exe}[ \\t]+(?:rpc|ads)|pth-[a-z]+|winexe)[ \\t][^\\r\\n]{0,300}?(?:(?<=[ \\t])-U[ \\t]*|(?<=[ \\t,])--?user(?:name)?[ \\t=]+|(?<=[ \\t,])user(?:name)?=)${quote}?[^ \\t\\r\\n%"'&]+%`,
  `\\bsmbclient[ \\t]+//[^ \\t\\r\\n]+[ \\t]+(?=[^ \\t\\r\\n]+[ \\t]+-U)(?!-)`,
  `\\b(?:sqlplus|sqlcl|expdp|impdp|sqlldr)${exe}[ \\t](?:[^\\r\\n|;]{0,80}[ \\t])?${quote}?[A-Za-z][A-Za-z0-9_$#]*/(?=[^ \\t\\r\\n]*@|[^ \\t\\r\\n./]+(?:[ \\t]|$))`,
  `\\bjdbc:oracle:[a-z]+:[A-Za-z][A-Za-z0-9_$#]*/`,
];

/** Command lines of single programs, in their own words. */
export const programRules: readonly RedactionRule[] = [
  {
    name: 'program-password',
    pattern: new RegExp(`\\b(?:${beforePassword.join('|')})${argument}`, 'gi'),
    accept: (secret) => isSecretValue(secret) && !/^(?:\d{1,5}|\*)$/.test(secret),
    hints: [
      ...starts(slashP),
      ...starts(dashP),
      'penssl ',
      'penssl.exe',
      'penssl"',
      ...[
        'zip -',
        'rar ',
        'rar.exe',
        '7z x ',
        '7z a ',
        '7z e ',
        '7z.exe',
        '7za ',
        'vmrun',
        'nuget push',
        'choco push',
        'nuget.exe',
      ],
      ...['storepass ', 'keypass ', 'oauth2-bearer', 'curl', 'lftp', 'rclone', 'ldappasswd', 'rasdial', 'ogman '],
      ...['ogman.exe', 'autologon.exe', 'autologon64', 'vault login', 'unseal ', 'rabbitmqctl', 'samba-tool'],
      ...['iscsiadm', 'nguser ', 'auth-pass', 'nmcli', 'sec.psk', 'security.psk', 'sec.wep-key'],
      ...['netsh', 'from-literal', '--masterauth', 'set password', 'racadm', 'smcipmitool'],
      ...['net user /', 'net.exe user /', 'net1 user /', 'net1.exe user /'],
    ],
    positive: [
      ['SCHTASKS /S h /U bob /P hunter2 /query', 'hunter2'],
      ['signtool.exe sign /f x.pfx /p "hunter2 zebra" a.exe', '"hunter2 zebra"'],
      ['openssl enc -aes-256-cbc -k hunter2 -in a', 'hunter2'],
      ['openssl passwd -6 hunter2', 'hunter2'],
      ['certutil -f -p hunter2 -importpfx x.pfx', 'hunter2'],
      ['winrs -r:h -u:bob -p:hunter2 cmd', 'hunter2'],
      ['{"c":"\\"C:\\\\x\\\\certutil.exe\\" -p \\"hunter2 zebra\\" -importpfx x"}', '\\"hunter2 zebra\\"'],
      ['podman login -u bob -p hunter2 h', 'hunter2'],
      ['zip -eP hunter2 x.zip y', 'hunter2'],
      ['keytool -list -storepass hunter2', 'hunter2'],
      ['curl --oauth2-bearer hunter2 https://x', 'hunter2'],
      ['rabbitmqctl add_user bob hunter2', 'hunter2'],
      ['rasdial "my vpn" bob hunter2 /phone:1', 'hunter2'],
      ['nmcli dev wifi connect x password hunter2', 'hunter2'],
      ['net user /add bob hunter2', 'hunter2'],
      ['netsh wlan set hostednetwork mode=allow ssid=x key=hunter2', 'hunter2'],
      ["kubectl create secret generic x --from-literal=key1='hunter2'", "'hunter2'"],
      ['ipmitool user set password 2 "hunter2 zebra" 20', '"hunter2 zebra"'],
      ['racadm set iDRAC.Users.2.Password hunter2', 'hunter2'],
      ['racadm config -g cfgUserAdmin -o cfgUserAdminPassword -i 2 hunter2', 'hunter2'],
      ['iscsiadm -m node --op update -n node.session.auth.password -v hunter2', 'hunter2'],
    ],
    negative: [
      'racadm get iDRAC.Users.2.Password',
      'ipmitool user set password 2',
      'netsh wlan show profile name=x key=clear',
      'curl -k https://localhost/x',
      'tar -k -xf a.tar',
      'ssh-keygen -k -f a.krl',
      'openssl version -a',
      'openssl x509 -in a.pem -noout -text',
      'openssl s_client -connect localhost:443 -key a.pem',
      'schtasks /query /tn x',
      'tasklist /svc',
      'certutil -hashfile a.iso SHA256',
      'usermod -aG docker root',
      'net user /domain',
      'logman start x -ets',
      'winrm quickconfig -q',
      'choco install -y git',
      'rar files are read',
      'vault login -method=oidc',
    ],
  },
  {
    // `user:password`, `user%password` and `user/password` as one word.
    name: 'user-and-password',
    pattern: new RegExp(
      `(?:${beforeJoined.join('|')})${unmarked}(?<secret>"[^"\\r\\n]+"|(?:(?!${entityQuote})[^ \\t\\r\\n@"'\\\\])+)`,
      'gi',
    ),
    accept: isSecretValue,
    hints: [
      ...['p -a ', 's -a ', '--auth ', '--auth=', 'xh -a ', 'tpie ', 'ab -a ', 'creds ', 'creds=', 'tcdctl'],
      ...[
        'ctr image',
        'ctr i ',
        'govc ',
        'impacket',
        'secretsdump',
        'exec.py',
        'spns.py',
        'npusers.py',
        'smbclient',
        'rpcclient',
      ],
      ...['smbget', 'smbcacls', 'smbtree', 'mount.cifs', 'net rpc', 'net ads', 'pth-', 'winexe', 'sqlplus', 'xpdp'],
      ...['mpdp', 'sqlldr', 'jdbc:oracle', 'rdctl'],
    ],
    positive: [
      ['http -a bob:hunter2 h/x', 'hunter2'],
      ['ab -A bob:hunter2 http://h/', 'hunter2'],
      ['skopeo copy --src-creds bob:hunter2 a b', 'hunter2'],
      ['etcdctl --user root:hunter2 get /', 'hunter2'],
      ['secretsdump.py CORP/bob:hunter2@h', 'hunter2'],
      ['smbclient --user=bob%hunter2 //h/s', 'hunter2'],
      ['smbclient //h/s hunter2 -U bob', 'hunter2'],
      ['net rpc user -U bob%hunter2 -S h', 'hunter2'],
      ['sqlplus bob/hunter2@db', 'hunter2'],
      ['sqlplus -s sys/"hunter2 zebra"@db as sysdba', '"hunter2 zebra"'],
      ['jdbc:oracle:thin:bob/hunter2@//h:1521/x', 'hunter2'],
    ],
    negative: [
      'sqlplus / as sysdba',
      'sqlplus /nolog @scripts/a.sql',
      'smbclient -L //localhost -N',
      'http -a none localhost',
      'jdbc:oracle:thin:@//localhost:1521/x',
      'etcdctl --user root get /',
      'python check.py localhost:8080',
    ],
  },
  {
    // Fed to a program by a pipe or a shell's here-string.
    name: 'fed-password',
    pattern: new RegExp(
      `(?:\\b(?:echo|printf)[ \\t]+(?:-[a-z]+[ \\t]+|'%s(?:\\\\{1,2}n)?'[ \\t]+)*(?=[^|\\r\\n]{1,200}\\|[ \\t]*(?:sudo[ \\t]+)?(?:kinit|adcli|realm|smbpasswd|cryptsetup|(?:docker|podman|helm|buildah)[ \\t][^|\\r\\n]{0,80}--password-stdin))|\\b(?:kinit|passwd|chpasswd|smbpasswd|sshfs|cryptsetup|su|PASSWORD|PASS)\\b[^\\r\\n|;]{0,80}(?:<<<|(?:&(?:amp;)?lt;){3})[ \\t]*|\\bcryptsetup[ \\t][^\\r\\n]{0,160}<\\((?:echo|printf)[ \\t]+(?:-n[ \\t]+)?)(?:${quote}?[A-Za-z0-9_.-]{1,64}:(?=[^ \\t\\r\\n]))?${unmarked}(?<secret>\\\\{0,3}"(?:(?!\\\\{0,3}")[^\\r\\n])+\\\\{0,3}"|'[^'\\r\\n]+'|(?<=["'][A-Za-z0-9_.-]{1,64}:)[^"'\\r\\n]+|(?!-)[^ \\t\\r\\n"'|)<\\\\]+)`,
      'gi',
    ),
    accept: isSecretValue,
    hints: ['kinit', 'adcli', 'alm join', 'smbpasswd', 'cryptsetup', '--password-stdin', '<<<', '&lt;&lt;&lt;'],
    positive: [
      ['echo hunter2 | kinit bob', 'hunter2'],
      ["printf '%s' hunter2 | kinit bob", 'hunter2'],
      ["echo -n 'hunter2 zebra' | adcli join --stdin-password", "'hunter2 zebra'"],
      ['chpasswd <<< "bob:hunter2"', 'hunter2'],
      ['smbpasswd -a bob <<< hunter2', 'hunter2'],
      ['cryptsetup luksOpen /dev/x y --key-file <(echo -n hunter2)', 'hunter2'],
      ['echo hunter2 | docker login -u x --password-stdin', 'hunter2'],
    ],
    negative: ['echo done | tee x', 'kinit: Password incorrect', 'cryptsetup luksDump /dev/x', 'su -c ls root'],
  },
];
