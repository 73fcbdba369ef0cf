/** Accounts that every machine has, and words that stand where a name could: they identify nobody. */
const wellKnownUsers =
  /^(?:root|system|local ?system|local ?service|network ?service|administrator|admin|guest|defaultaccount|wdagutilityaccount|nobody|daemon|bin|sys|sync|games|man|lp|mail|news|uucp|proxy|www-data|backup|list|irc|gnats|messagebus|sextant|sshd|ntp|chrony|polkitd|dbus|postfix|postgres|mysql|redis|nginx|apache|httpd|tomcat|git|systemd(?:-[a-z-]+)?|_[a-z-]+|anonymous(?: logon)?|everyone|dwm-\d+|umfd-\d+|unknown|none|null|undefined|n\/a|-+|\(null\)|\(none\)|users?|usernames?|accounts?|nt|authority|builtin|service|the|a|an|is|was|not|no|with|from|by|in|on|to|of|for|and|or|id|name|info|agent|data|mode|space|profile|session|settings|preferences|interface|input|defined|\d{1,6}|true|false|yes|all|any|new|this|that|has|have|had|did|does|can|could|will|may|must|logged|login|logon|failed|manager|groups?|policy|default|public|all users|default user|desktop\.ini|process|processes|context|request|requests|authentication|password|passwords|certificate|certificates|object|type|domain|count|list|rights|roles?|permissions?|creation|level|defined|requested|error|errors|denied|disabled|enabled|locked|added|removed|created|deleted|changed|invalid|illegal|timeout|timed|succeeded|success|successful|successfully|incorrect|expired|attempts?|refused|rejected|accepted|pending|completed?|started|stopped|kernel|keys?|pam_[a-z0-9_]+|(?:disk|drive|volume|lun)\d+)$/i;
/** Percentages, times and sizes: `user=12.5%` is the processor's. */
const amount = /^(?:\d+(?:[.,]\d+)+[a-z]?|\d+(?:[.,]\d+)?(?:[kmgt]i?b|ms|us|ns)|\d+m\d+(?:\.\d+)?s)$/i;
const pseudonym = /^(?:host|user|dom|guid)-[0-9a-hjkmnp-tv-z]{8}(?![0-9a-z])/;
export const isPersonalName = (name: string): boolean =>
  name.length > 0 && name.length <= 104 && !pseudonym.test(name) && !wellKnownUsers.test(name) && !amount.test(name);

const wellKnownHosts =
  /^(?:localhost|localhost\.localdomain|\.|\?|-+|unknown|none|null|undefined|n\/a|workgroup|local|wsl\$?|wsl\.localhost|tsclient|globalroot|pipe|unc|the|an?|is|was|names?|set|this|server|any|all|true|false|yes|no|not|default|and|or|for|of|in|to|\(none\)|\d+|shutting|starting|restarting|rebooting|going|lookup|failed|unreachable)$/i;
export const isHostName = (name: string): boolean =>
  name.length > 0 &&
  name.length <= 255 &&
  !pseudonym.test(name) &&
  !/^[\d.]+$/.test(name) &&
  !wellKnownHosts.test(name);

/** Phrases and fields that say that an account or a machine follows, as data like the rules of secrets. */
interface IdentityContext {
  kind: 'user' | 'host';
  /** The name follows at once: sshd, su, sudo, PAM, cron, useradd, Windows and its XML. */
  phrases: readonly string[];
  /** The name is this field's value: `key=value`, `key: value`, JSON (also escaped inside a string). */
  fields: readonly string[];
  positive: readonly (readonly [text: string, name: string])[];
  negative: readonly string[];
}

export const identityContexts: readonly IdentityContext[] = [
  {
    kind: 'user',
    phrases: [
      'password for ',
      'publickey for ',
      'keyboard-interactive/pam for ',
      'keyboard-interactive for ',
      'gssapi-with-mic for ',
      'none for ',
      'hostbased for ',
      'invalid user ',
      'illegal user ',
      'authenticating user ',
      'unknown user ',
      'for user ',
      'of user ',
      'by user ',
      'to user ',
      'new user: name=',
      'delete user: name=',
      'sudo: ',
      'crond[#####]: (',
      'cron[#####]: (',
      'cron[####]: (',
      'cron[###]: (',
      'crond[####]: (',
      'name="targetusername">',
      "name='targetusername'>",
      'name="subjectusername">',
      "name='subjectusername'>",
      'name="username">',
      "name='username'>",
      'name="user">',
      'name="accountname">',
      'name="samaccountname">',
      "name='samaccountname'>",
      'name="membername">',
      'name="targetuser">',
      'name="samuser">',
    ],
    fields: [
      'user',
      'usr',
      'ruser',
      'suser',
      'duser',
      'suid',
      'duid',
      'username',
      'user_name',
      'user.name',
      'user name',
      'login',
      'login_name',
      'logname',
      'acct',
      'account',
      'account name',
      'accountname',
      'account_name',
      'samaccountname',
      'logon account',
      'userprincipalname',
      'enduser.id',
      'owner',
      'requestedby',
      'createdby',
      'logged on user',
      'run as user',
    ],
    positive: [
      ['Accepted publickey for jdoe from ::1 port 22 ssh2', 'jdoe'],
      ['Failed password for invalid user bob from ::1', 'bob'],
      ['pam_unix(sshd:session): session opened for user jdoe(uid=1000) by (uid=0)', 'jdoe'],
      ['sudo:   jdoe : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls', 'jdoe'],
      ['CRON[1234]: (jdoe) CMD (x)', 'jdoe'],
      ['Account Name:\t\tjdoe', 'jdoe'],
      ['<Data Name="TargetUserName">jdoe</Data>', 'jdoe'],
      ['{"user":"jdoe","x":1}', 'jdoe'],
      ['{"log":"{\\"user\\":\\"jdoe\\"}"}', 'jdoe'],
      ['type=USER_AUTH acct="jdoe" exe="/usr/sbin/sshd"', 'jdoe'],
      ['ruser=bob rhost=', 'bob'],
      ['user=CORP\\jdoe x', 'jdoe'],
      ['login: j.doe2 logged in', 'j.doe2'],
      ['user=m12 x', 'm12'],
    ],
    negative: [
      'session opened for user root(uid=0) by (uid=0)',
      'CRON[12]: (root) CMD (x)',
      'Failed password for root from ::1',
      'user=root',
      '<Data Name="SubjectUserName">SYSTEM</Data>',
      'Account Name:\t\t-',
      'user: ',
      'owner: 1000',
      'a setting for user accounts',
      '%Cpu user=12.5% system=3.1%',
      'CPU user: 12.5 system: 3',
      'real 0m1.2s user=0m0.3s',
      'user=340ms sys=20ms',
      'login: timeout after 60 seconds',
      'login: succeeded',
      'owner: disk3',
      'User: Kernel mode',
      'Failed password for invalid user root from ::1',
      'sudo: pam_unix(sudo:auth): conversation failed',
    ],
  },
  {
    kind: 'host',
    phrases: [
      '<computer>',
      'name="workstationname">',
      "name='workstationname'>",
      'name="workstation">',
      'name="computername">',
      'name="targetservername">',
      'name="clientname">',
      'name="nodename">',
    ],
    fields: [
      'workstation',
      'workstation name',
      'workstationname',
      'source workstation',
      'computer',
      'computer name',
      'computername',
      'hostname',
      'host name',
      'host.name',
      'host_name',
      'rhost',
      'client name',
      'clientname',
      'machine name',
      'machinename',
      'server name',
      'servername',
      'dhost',
      'shost',
      'dvchost',
      'nodename',
      'node name',
    ],
    positive: [
      ['Workstation Name:\tPC-0815', 'PC-0815'],
      ['<Computer>pc7.corp.example</Computer>', 'pc7.corp.example'],
      ['{"hostname":"pc7"}', 'pc7'],
      ['rhost=pc7.corp.example user=', 'pc7.corp.example'],
    ],
    negative: [
      'hostname: localhost',
      'Workstation Name:\t-',
      'host_name=',
      'host.name=',
      'computer: shutting down',
      'host name: lookup failed',
    ],
  },
];
