/**
 * Lines as Windows and Linux machines write them when nothing in them is secret and nobody is named: what redaction must
 * leave alone. Forms follow real logs (event channels, kernel, systemd, services, package managers, web servers); numbers vary.
 */
const forms: readonly ((n: number) => string)[] = [
  (n) => `Nov 20 10:${two(n)}:12 localhost kernel: [${n}.123456] nvme nvme0: I/O ${n} QID ${n % 16} timeout, aborting`,
  (n) =>
    `Nov 20 10:${two(n)}:12 localhost systemd[1]: Started user@${n % 9000}.service - User Manager for UID ${n % 9000}.`,
  (n) => `Nov 20 10:${two(n)}:12 localhost systemd[1]: getty@tty${n % 6}.service: Deactivated successfully.`,
  (n) =>
    `Nov 20 10:${two(n)}:12 localhost CRON[${n}]: (root) CMD (test -x /usr/sbin/anacron || run-parts /etc/cron.daily)`,
  (n) => `Nov 20 10:${two(n)}:12 localhost sshd[${n}]: Server listening on 0.0.0.0 port 22.`,
  (n) =>
    `Nov 20 10:${two(n)}:12 localhost sshd[${n}]: kex: algorithm curve25519-sha256@libssh.org host key rsa-sha2-512`,
  (n) => `sshd[${n}]: pam_unix(sshd:session): session closed for user root`,
  (n) => `sudo:     root : TTY=pts/${n % 9} ; PWD=/root ; USER=root ; COMMAND=/usr/bin/apt-get update`,
  (n) =>
    `2026-11-20T10:${two(n)}:12.${three(n)}Z INFO request done method=GET path=/api/v1/nodes status=200 ms=${n % 900}`,
  (n) =>
    `2026-11-20 10:${two(n)}:12,${three(n)} WARN  [main] org.apache.kafka.clients.NetworkClient - Connection to node ${n % 5} could not be established`,
  (n) =>
    `{"time":"2026-11-20T10:${two(n)}:12Z","level":"info","msg":"checkpoint complete","wrote":${n},"sync_s":0.${n}}`,
  (n) => `{"level":"warn","component":"scheduler","msg":"token bucket empty","rate":${n % 100}}`,
  (n) => `{"logger":"auth","msg":"password policy loaded","min_length":${(n % 20) + 8}}`,
  (n) => `upgraded openssl from 3.0.${n % 20}.1 to version 3.0.${(n % 20) + 1}.2`,
  (n) => `driver version 22.80.${n % 200}.4 loaded for Intel(R) Ethernet`,
  (n) => `FileVersion: 10.0.20348.${n % 4000} ProductVersion: 10.0.20348.${n % 4000}`,
  (n) => `Assembly System.Web, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b03f5f7f11d50a${two(n)}`,
  (n) =>
    `"GET /index.html HTTP/1.1" 200 ${n} "-" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36"`,
  (n) => `firmware 2.1.${n % 90}.7 on disk ${n % 24}, revision 1.0.${n % 9}.0`,
  (n) => `Unpacking libssl3:amd64 (3.0.11-1~deb12u${n % 9}) over (3.0.9-1) ...`,
  (n) => `Installed: kernel-core-5.14.0-${n % 500}.el9.x86_64`,
  (n) => `EventID 153: The IO operation at logical block address 0x${n.toString(16)} for Disk ${n % 8} was retried.`,
  (n) => `EventID 1135: Cluster node was removed from the active failover cluster membership, code ${n}`,
  (n) => `SpacePort ${1000 + (n % 9)}: Storage pool has ${n % 24} physical disks`,
  () =>
    `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Disk'/></System></Event>`,
  (n) => `<Data Name="SubjectUserSid">S-1-5-18</Data><Data Name="LogonType">${n % 11}</Data>`,
  () => `<Data Name="SubjectUserName">SYSTEM</Data><Data Name="SubjectDomainName">NT AUTHORITY</Data>`,
  (n) => `Security ID:\t\tS-1-5-${n % 2 ? 18 : 19} Account Name:\t\t- Logon ID:\t\t0x3E7`,
  (n) => `BUILTIN\\Administrators S-1-5-32-${544 + (n % 5)} has full control`,
  (n) => `C:\\Windows\\System32\\drivers\\storport.sys loaded at 0x${(n * 4096).toString(16)}`,
  (n) => `{"path":"C:\\\\Windows\\\\System32\\\\LogFiles\\\\httperr${n}.log","bytes":${n}}`,
  (n) => `C:\\Users\\Public\\Documents\\report${n}.txt created`,
  (n) => `Copying C:\\ClusterStorage\\Volume${n % 9}\\vm${n}.vhdx, ${n % 100} % done`,
  (n) => `ERROR std::runtime_error in core::storage::Pool::rebuild(), line ${n}`,
  (n) => `panicked at src/main.rs:${n}:5: called Option::unwrap() on a None value`,
  (n) => `10:${two(n)}:${two(n + 7)}: state change, took 00:00:${two(n)}`,
  (n) => `[20/Nov/2026:10:${two(n)}:12 +0000] worker ${n} exited`,
  (n) => `the password must be changed within ${n % 90} days`,
  () => 'Failed password attempts are limited by policy',
  (n) => `session token refresh scheduled in ${n % 3600} s`,
  () => 'No credentials are required for this share',
  (n) => `secret store opened, ${n % 40} entries, key rotation due in ${n % 90} days`,
  (n) => `access key rotation finished after ${n} ms`,
  () => 'keyboard layout: us, password prompt disabled',
  (n) => `Certificate with thumbprint 4F${hex(n, 38)} expires in ${n % 400} days`,
  (n) => `commit ${hex(n * 7919, 40)} merged`,
  (n) => `sha256:${hex(n * 104729, 64)} pulled in ${n % 90} s`,
  (n) => `request 3f2504e0-4f89-11d3-9a0c-0305e82c${hex(n, 4)} took ${n} ms`,
  (n) => `listening on 127.0.0.1:${8000 + (n % 999)} and [::1]:${8000 + (n % 999)}`,
  (n) => `netmask 255.255.${n % 2 ? 255 : 0}.0 broadcast 255.255.255.255`,
  (n) => `mdns: joined 224.0.0.251 and ff02::fb on lo, ttl ${n % 255}`,
  (n) => `OID 1.3.6.1.4.1.311.${n % 90}.7 unknown`,
  (n) => `snmpd[${n}]: NET-SNMP version 5.9.${n % 9}.1 started`,
  (n) => `mkdir -p /var/lib/app/${n} && cp -p a b`,
  (n) => `ssh -p ${2000 + (n % 99)} -o BatchMode=yes localhost true`,
  (n) => `usage: tool --password <value> --token-file <path> [-e expr], exit ${n % 3}`,
  (n) => `dpkg: status half-configured postgresql@14-main.service ${n}`,
  (n) => `npm http fetch GET 200 https://registry.invalid/@scope/pkg ${n}ms (cache hit)`,
  () => `Authorization: required by policy`,
  (n) => `WHEA-Logger 17: A corrected hardware error has occurred. Component: PCI Express Root Port, ${n}`,
  (n) => `Hyper-V-VMMS 18500: virtual machine started successfully, GUID 6BE7${hex(n, 4).toUpperCase()}`,
  (n) => `SMB 30803: failed to establish a network connection, error ${n}, connection type RDMA`,
  (n) =>
    `2026/11/20 10:${two(n)}:12 [error] ${n}#0: *${n} open() "/usr/share/nginx/html/favicon.ico" failed (2: No such file or directory)`,
  (n) =>
    `type=SERVICE_START msg=audit(1763633472.${three(n)}:${n}): pid=1 uid=0 auid=4294967295 ses=4294967295 res=success`,
  (n) => `tcp 0 0 0.0.0.0:${n % 60000} 0.0.0.0:* LISTEN`,
  (n) => `temperature ${n % 90}.${n % 10} C, fan ${n % 9000} rpm, wear ${n % 100} %`,
  (n) => `raid: md0: resync done, ${n}.${n % 10}.${n % 10} MB/s`,
  (n) => `value at 1.2.${n % 10} changed from 3.${n % 10} to 4.${n % 10}`,
  (n) => `Query: SELECT name, value FROM settings WHERE id = ${n}`,
  (n) => `msg="login page rendered" owner=0 user=root group=root mode=0${n % 8}44`,
  (n) => `icon@2x.png and logo@3x.png cached for ${n} s`,
  (n) => `[${n}] cookie: none, cache: miss, status: 304`,
  (n) => `Get-ClusterNode | Where-Object State -eq Up | Measure-Object  # ${n}`,
  (n) => `ETag: W/"${hex(n, 12)}", Signature verified, signal sig=${n % 64}`,
  () => `powershell -NoProfile -ExecutionPolicy Bypass -File C:\\Scripts\\check.ps1`,
  (n) => `Kerberos: ticket lifetime ${n % 10} h, renewable 7 d, NTLM fallback disabled`,
  (n) => `lease expires 2026-11-21T10:${two(n)}:12+00:00; next check at 10:${two(n)}:12.${three(n)}`,
  (n) => `== ${'='.repeat(20)} section ${n} ${'='.repeat(20)} ==`,
  (n) => `"GET /token HTTP/1.1" 200 ${n}`,
  (n) => `tool --password-file /run/secrets/x --secret-name db --token-ttl ${n % 60}m`,
  (n) => `%Cpu user=${n % 90}.5% system=${n % 9}.1% idle=${n % 50}.0%`,
  (n) => `real 0m${n % 60}.2s user=0m${n % 60}.3s`,
  (n) => `login: timeout after ${n} seconds, owner: disk${n % 24}`,
  (n) => `token=0x${n.toString(16)} TOKEN_QUERY granted, private_key: /etc/ssl/private/x${n}.key`,
  (n) => `see section 3.2.${n % 90}.4 of the manual`,
  (n) => `curl -k https://localhost:${8000 + (n % 999)}/health && tar -k -xf a${n}.tar && ssh-keygen -k -f a.krl`,
  (n) => `openssl x509 -in /etc/ssl/certs/a${n}.pem -noout -enddate`,
  (n) => `# requirepass foobared ${n}`,
  (n) => `Redis: requirepass is not set, masterauth is not set (${n})`,
  (n) => `Das Kennwort wurde geändert, Kennwort: abgelaufen (${n})`,
  (n) => `Le mot de passe a expiré, la contraseña ha caducado, ${n}`,
  (n) => `power: pw=${n % 90}.5 pw: ${n % 400}W, tests pass : all ${n}`,
  (n) => `tasklist /svc /fi "PID eq ${n}"; schtasks /query /tn x; certutil -hashfile a.iso SHA256`,
  (n) => `250-AUTH PLAIN LOGIN, 250-SIZE ${n}`,
  (n) => `pam_unix(sshd:auth): auth could not identify password, ${n} tries`,
  (n) => `Etype (skey, tkt): aes256-cts-hmac-sha1-96, keysize ${n % 512} bits`,
  (n) => `SessionId=${n} session_id=${n} sid=S-1-5-18`,
  (n) => `disk-0${hex(n, 31)} online, task-${hex(n, 32)} done`,
  (n) => `mac: disabled, hwaddr: ${n}, macaddress: none`,
  (n) => `CN=Microsoft Root Certificate Authority 20${10 + (n % 9)},O=Microsoft Corporation,C=US`,
  () => 'interface enp0s3, enx dropped',
  (n) => `listening on localhost:5432: ready, ${n} slots`,
  (n) => `the machine asks for a password again, username root password required, ${n}`,
  (n) => `vault opened, the discord bot is off, APIM gateway ${n}`,
  (n) => `user "%s" has ${n} files`,
  (n) => `WWW-Authenticate: Negotiate, request ${n} was sent again`,
  (n) => `the key ValidCommunities is empty, TrapConfiguration has ${n} values`,
  (n) => `SetEnv PATH /usr/bin; fastcgi_param SCRIPT_FILENAME $document_root; worker ${n}`,
  (n) => `failover key exchange done after ${n} ms, authentication-mode md5 ${n}`,
  (n) => `CMD (/usr/lib/nagios/plugins/check_http -H localhost -p ${8000 + (n % 999)} -w ${n % 9})`,
  (n) => `parameter MinPasswordLength has the value ${n % 30}, option password was set to expire`,
  (n) => `<input type="password" name="p${n}"> <input type="text" name="q" value="row ${n}">`,
  (n) => `INSERT INTO token_use (id, at) VALUES (${n}, NOW())`,
  (n) => `PROPERTY CHANGE: Adding INSTALLDIR property. Its value is 'C:\\Tools\\${n}'.`,
  (n) => `server.login(user, password) in a.py:${n}; requests.get(url, auth=token)`,
  (n) => `update-binfmts: send "${n}" to the queue, echo done | base64`,
  (n) => `radius primary authentication failed ${n} times, secret rotated; passphrase; done`,
  (n) => `ratio=0.${n} p50=1.${n % 10} p99=12.${n % 10} pass=${n % 90} fail=0`,
];

const two = (n: number): string => String(n % 60).padStart(2, '0');
const three = (n: number): string => String(n % 1000).padStart(3, '0');
const hex = (n: number, digits: number): string => {
  let text = '';
  for (let at = 0; text.length < digits; at++)
    text += ((n * 2654435761 + at * 40503) >>> 0).toString(16).padStart(8, '0');
  return text.slice(0, digits);
};

/** `count` lines, every form in turn; deterministic. */
export function cleanLines(count: number): string[] {
  return Array.from({ length: count }, (_, n) => (forms[n % forms.length] as (n: number) => string)(n * 37 + 11));
}
