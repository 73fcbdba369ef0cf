import { Type } from 'typebox';
import type { Reach } from './pushed/reach.ts';
import { closed, createSection, Duration, NamedList, TextSet } from './section.ts';

const Name = () => Type.String({ minLength: 1, maxLength: 100 });
const Text = (reaching: { reach?: Reach } = {}) => Type.String({ minLength: 1, ...reaching });
const Port = () => Type.Integer({ minimum: 1, maximum: 65_535, reach: 'network' });
const named = { name: Name(), enabled: Type.Optional(Type.Boolean()) };
const timed = { every: Type.Optional(Duration({ minimum: 5_000 })) };
/** Files that prove who this node is. */
const clientCertificate = {
  clientCertificate: Type.Optional(Type.String({ reach: 'secrets' })),
  clientKey: Type.Optional(Type.String({ reach: 'secrets' })),
};

const HttpsProbe = closed({
  ...named,
  ...timed,
  url: Type.String({ pattern: '^https?://', reach: 'network' }),
  method: Type.Optional(Type.Union([Type.Literal('GET'), Type.Literal('HEAD')])),
  /** Which answers are good, `200`, `2xx`, `401`; 2xx and 3xx when not said. */
  expect: Type.Optional(Type.Array(Type.String({ pattern: '^[1-5](xx|[0-9]{2})$' }))),
  ca: Type.Optional(Type.String({ reach: 'files' })),
  ...clientCertificate,
  /** `control-plane`: alerts wait for the hour that it may take to come back after a restart. */
  group: Type.Optional(Name()),
});

const TcpProbe = closed({ ...named, ...timed, host: Text({ reach: 'network' }), port: Port() });

const DnsProbe = closed({
  ...named,
  ...timed,
  query: Text({ reach: 'network' }),
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
  server: Type.Optional(Text({ reach: 'network' })),
});

const FileProbe = closed({
  ...named,
  ...timed,
  /** Globs; the newest file counts. */
  files: TextSet({ reach: 'files' }),
  maxAge: Duration({ minimum: 1_000 }),
});

const CertificateProbe = closed({
  ...named,
  ...timed,
  /** Globs of PEM or DER files. */
  files: Type.Optional(TextSet({ reach: 'files' })),
  /** A store of Windows, `LocalMachine\\My`. */
  store: Type.Optional(Type.String({ pattern: '^(LocalMachine|CurrentUser)\\\\[A-Za-z ]+$', reach: 'programs' })),
});

const RevocationProbe = closed({ ...named, ...timed, url: Type.String({ pattern: '^http://', reach: 'network' }) });

const ProcessProbe = closed({
  ...named,
  process: Text({ reach: 'programs' }),
  atLeast: Type.Optional(Type.Integer({ minimum: 1 })),
});

const ServiceProbe = closed({ ...named, service: Text({ reach: 'programs' }) });

/** What this node looks at from outside: endpoints, certificates, files, processes, services. */
export const probes = createSection(
  closed({
    enabled: Type.Boolean(),
    every: Duration({ minimum: 5_000 }),
    timeout: Duration({ minimum: 100, maximum: 60_000 }),
    /** Replaces `{suffix}` in urls, hosts and queries: the DNS suffix of the site's control plane. */
    suffix: Type.String({ reach: 'network' }),
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
      url: Type.String({ reach: 'secrets' }),
      ca: Type.Optional(Type.String({ reach: 'secrets' })),
      ...clientCertificate,
    }),
  }),
  {
    enabled: false,
    every: 60_000,
    timeout: 10_000,
    suffix: 'autonomous.cloud.private',
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
