import { type LogLine, levels } from './log-line.ts';
import { createRandom } from './random.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const paths = ['/api/v1/nodes', '/api/v1/logs', '/healthz', '/metrics', '/login', '/static/app.js', '/api/v2/volumes'];
const agents = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36',
  'curl/8.5.0',
  'Go-http-client/2.0',
  'kube-probe/1.33',
];
const users = ['svc-backup', 'root', 'deploy', 'jsmith', 'akovacs', 'svc-monitor'];
const units = ['cron.service', 'ssh.service', 'systemd-logind.service', 'containerd.service', 'kubelet.service'];

/** What a Linux machine logs: an access log and an application's JSON log that are followed, and the journal. */
export function createLinuxLines(node: string, seed: number): (unixMs: number) => LogLine {
  const random = createRandom(seed);
  const fileIds = { access: random.hex(12), app: random.hex(12) };
  const offsets = { access: 0, app: 0 };
  const journal = { id: random.hex(32), number: 1 };

  function followed(file: 'access' | 'app', path: string, unixMs: number, body: string, severity: Level): LogLine {
    const uid = `${fileIds[file]}-${offsets[file].toString(36)}`;
    offsets[file] += body.length + 1;
    return {
      unixMs,
      severity: severity[0],
      severityText: severity[1],
      body,
      scope: 'files',
      attributes: {
        'log.file.name': path.slice(path.lastIndexOf('/') + 1),
        'log.file.path': path,
        'log.record.uid': uid,
      },
    };
  }

  function access(unixMs: number): LogLine {
    const at = new Date(unixMs);
    const when =
      `${two(at.getUTCDate())}/${months[at.getUTCMonth()]}/${at.getUTCFullYear()}:` +
      `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`;
    const status = random.below(100) < 94 ? 200 : random.pick([301, 401, 404, 500, 502]);
    const path = random.below(3) === 0 ? `/api/v1/items/${random.below(50_000)}` : random.pick(paths);
    const body =
      `10.20.${random.below(4)}.${random.below(250)} - ${random.below(5) === 0 ? random.pick(users) : '-'} [${when}] ` +
      `"${random.below(6) === 0 ? 'POST' : 'GET'} ${path} HTTP/1.1" ${status} ${random.below(40_000)} "-" ` +
      `"${random.pick(agents)}" rt=0.${String(random.below(400)).padStart(3, '0')}`;
    return followed('access', '/var/log/nginx/access.log', unixMs, body, levels.none);
  }

  function application(unixMs: number): LogLine {
    const bad = random.below(60) === 0;
    const level = bad ? levels.error : random.below(12) === 0 ? levels.warn : levels.info;
    const message = bad
      ? `connection to replica ${random.below(3)} lost: i/o timeout after ${random.below(30_000)} ms`
      : random.pick(['request served', 'cache refreshed', 'volume attached', 'lease renewed', 'reconciled object']);
    const body =
      `{"time":"${new Date(unixMs).toISOString()}","level":"${level[1].toLowerCase()}","msg":"${message}",` +
      `"trace":"${random.hex(16)}","tenant":"t-${random.below(200)}","ms":${random.below(900)}}`;
    return followed('app', '/var/log/orders/orders.log', unixMs, body, level);
  }

  function journald(unixMs: number): LogLine {
    const unit = random.pick(units);
    const name = unit.replace('.service', '');
    const pid = 700 + random.below(30_000);
    const [body, level] = journalText(name, pid);
    return {
      unixMs,
      severity: level[0],
      severityText: level[1],
      body,
      scope: 'journald',
      attributes: {
        'log.record.uid': `${journal.id}-${(journal.number++).toString(36)}`,
        'systemd.unit': unit,
        'syslog.identifier': name,
        'syslog.facility': name === 'ssh' ? '4' : '3',
        'process.executable.name': name,
        'process.executable.path': `/usr/sbin/${name}`,
        'journald.transport': 'syslog',
        'process.pid': pid,
        'process.user.id': 0,
      },
    };
  }

  function journalText(name: string, pid: number): [string, Level] {
    const from = `10.20.${random.below(4)}.${random.below(250)} port ${1024 + random.below(60_000)}`;
    switch (name) {
      case 'ssh':
        return random.below(4) === 0
          ? [`Failed password for invalid user ${random.pick(users)} from ${from} ssh2`, levels.warn]
          : [
              `Accepted publickey for ${random.pick(users)} from ${from} ssh2: ED25519 SHA256:${random.hex(24)}`,
              levels.info,
            ];
      case 'cron':
        return [`pam_unix(cron:session): session opened for user root(uid=0) by root(uid=0) [${pid}]`, levels.info];
      case 'systemd-logind':
        return [`New session ${random.below(90_000)} of user ${random.pick(users)}.`, levels.info];
      case 'containerd':
        return [`level=info msg="StopContainer for \\"${random.hex(64)}\\" returns successfully"`, levels.info];
      default:
        return [
          `E${1000 + random.below(200)} ${pid} pod_workers.go:1301] "Error syncing pod, skipping" pod="${node}/web-${random.hex(5)}" podUID="${random.hex(32)}"`,
          random.below(3) === 0 ? levels.error : levels.info,
        ];
    }
  }

  return (unixMs) => {
    const dice = random.below(100);
    if (dice < 55) return access(unixMs);
    return dice < 80 ? application(unixMs) : journald(unixMs);
  };
}

type Level = readonly [number, string];
const two = (value: number): string => String(value).padStart(2, '0');
