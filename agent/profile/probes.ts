import { Type } from 'typebox';
import { textPattern } from '../../config/text-pattern.ts';
import { DnsServer, HostName, HttpUrl, OptionalHttpsUrl, Suffix, siteNames, WebUrl } from './addresses.ts';
import { Age, closed, createSection, Duration, GlobSet, Name, NamedList } from './section.ts';

const Port = () => Type.Integer({ minimum: 1, maximum: 65_535, reach: 'network' });
const named = { name: Name(100), enabled: Type.Optional(Type.Boolean()) };
const timed = { every: Type.Optional(Duration({ minimum: 5_000 })) };
/** Files that prove who this node is. */
const clientCertificate = {
  clientCertificate: Type.Optional(Type.String({ reach: 'secrets' })),
  clientKey: Type.Optional(Type.String({ reach: 'secrets' })),
};

const HttpsProbe = closed({
  ...named,
  ...timed,
  url: WebUrl({ reach: 'network' }),
  method: Type.Optional(Type.Union([Type.Literal('GET'), Type.Literal('HEAD')])),
  /** Which answers are good, `200`, `2xx`, `401`; 2xx and 3xx when not said. */
  expect: Type.Optional(
    Type.Array(
      Type.String({
        pattern: textPattern('^[1-5](xx|[0-9]{2})$', 'must be a status such as 200, or a class such as 2xx'),
      }),
    ),
  ),
  ca: Type.Optional(Type.String({ reach: 'files' })),
  ...clientCertificate,
  /** `control-plane`: alerts wait for the hour that it may take to come back after a restart. */
  group: Type.Optional(Name(100)),
});

const TcpProbe = closed({
  ...named,
  ...timed,
  host: HostName({ reach: 'network' }),
  port: Port(),
  /** Whether TLS is spoken there, and its certificate looked at (LDAPS, SIP). */
  tls: Type.Optional(Type.Boolean()),
  ca: Type.Optional(Type.String({ reach: 'files' })),
});

const DnsProbe = closed({
  ...named,
  ...timed,
  query: HostName({ reach: 'network' }),
  type: Type.Optional(
    Type.Union([
      Type.Literal('A'),
      Type.Literal('AAAA'),
      Type.Literal('CNAME'),
      Type.Literal('SRV'),
      Type.Literal('TXT'),
    ]),
  ),
  /** Address of the server that is asked; the machine's own resolver when not said. */
  server: Type.Optional(DnsServer({ reach: 'network' })),
});

const FileProbe = closed({
  ...named,
  ...timed,
  /** Globs; the newest file counts. */
  files: GlobSet({ reach: 'files' }),
  maxAge: Age({ minimum: 1_000 }),
});

const CertificateProbe = closed({
  ...named,
  ...timed,
  /** Globs of PEM or DER files. */
  files: Type.Optional(GlobSet({ reach: 'files' })),
  /** A store of Windows, `LocalMachine\\My`. */
  store: Type.Optional(
    Type.String({
      pattern: textPattern('^(LocalMachine|CurrentUser)\\\\[A-Za-z ]+$', 'must be a store such as LocalMachine\\My'),
      reach: 'programs',
    }),
  ),
});

const RevocationProbe = closed({ ...named, ...timed, url: HttpUrl({ reach: 'network' }) });

const ProcessProbe = closed({
  ...named,
  process: Name(255, { reach: 'programs' }),
  atLeast: Type.Optional(Type.Integer({ minimum: 1 })),
});

const ServiceProbe = closed({ ...named, service: Name(255, { reach: 'programs' }) });

/** What this node looks at from outside: endpoints, certificates, files, processes, services. */
export const probes = createSection(
  closed({
    enabled: Type.Boolean(),
    every: Duration({ minimum: 5_000 }),
    timeout: Duration({ minimum: 100, maximum: 60_000 }),
    /** Replaces `{suffix}` in urls, hosts and queries: the DNS suffix of the site's control plane. */
    suffix: Suffix({ reach: 'network' }),
    /** What `{vault}`, `{blob}` and so on stand for in urls, hosts and queries; what has no name yet is not looked at. */
    names: closed(
      Object.fromEntries(siteNames.map((name) => [name, Suffix({ reach: 'network' })])) as Record<
        (typeof siteNames)[number],
        ReturnType<typeof Suffix>
      >,
    ),
    /** PEM file of the site's own authorities, beside those that the system trusts. */
    ca: Type.String({ reach: 'files' }),
    https: NamedList(HttpsProbe),
    tcp: NamedList(TcpProbe),
    dns: NamedList(DnsProbe),
    files: NamedList(FileProbe),
    certificates: NamedList(CertificateProbe),
    revocationLists: NamedList(RevocationProbe),
    processes: NamedList(ProcessProbe),
    services: NamedList(ServiceProbe),
    /** The management REST of Azure Local's control plane, by its client certificate. */
    controlPlane: closed({
      /** `https://192.0.2.20:9443`; nothing is asked when empty. */
      url: OptionalHttpsUrl({ reach: 'secrets' }),
      ca: Type.Optional(Type.String({ reach: 'secrets' })),
      ...clientCertificate,
    }),
  }),
  {
    enabled: false,
    every: 60_000,
    timeout: 10_000,
    suffix: 'autonomous.cloud.private',
    names: { vault: '', edgeacr: '', blob: '', queue: '', table: '', servicebus: '' },
    ca: '',
    https: [],
    tcp: [],
    dns: [],
    files: [],
    certificates: [],
    revocationLists: [],
    processes: [],
    services: [],
    controlPlane: { url: '' },
  },
);
