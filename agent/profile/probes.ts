import { Type } from 'typebox';
import { closed, createSection, Duration, NamedList, TextSet } from './section.ts';

const Name = () => Type.String({ minLength: 1, maxLength: 100 });
const Text = () => Type.String({ minLength: 1 });
const Port = () => Type.Integer({ minimum: 1, maximum: 65_535 });
const named = { name: Name(), enabled: Type.Optional(Type.Boolean()) };
const timed = { every: Type.Optional(Duration({ minimum: 5_000 })) };
/** Files that prove who this node is; a pushed profile may not name them. */
const clientCertificate = {
  clientCertificate: Type.Optional(Type.String({ runs: true })),
  clientKey: Type.Optional(Type.String({ runs: true })),
};

const HttpsProbe = closed({
  ...named,
  ...timed,
  url: Type.String({ pattern: '^https?://' }),
  method: Type.Optional(Type.Union([Type.Literal('GET'), Type.Literal('HEAD')])),
  /** Which answers are good, `200`, `2xx`, `401`; 2xx and 3xx when not said. */
  expect: Type.Optional(Type.Array(Type.String({ pattern: '^[1-5](xx|[0-9]{2})$' }))),
  ca: Type.Optional(Type.String()),
  ...clientCertificate,
  /** `control-plane`: alerts wait for the hour that it may take to come back after a restart. */
  group: Type.Optional(Name()),
});

const TcpProbe = closed({ ...named, ...timed, host: Text(), port: Port() });

const DnsProbe = closed({
  ...named,
  ...timed,
  query: Text(),
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
  server: Type.Optional(Text()),
});

const FileProbe = closed({
  ...named,
  ...timed,
  /** Globs; the newest file counts. */
  files: TextSet(),
  maxAge: Duration({ minimum: 1_000 }),
});

const CertificateProbe = closed({
  ...named,
  ...timed,
  /** Globs of PEM or DER files. */
  files: Type.Optional(TextSet()),
  /** A store of Windows, `LocalMachine\\My`. */
  store: Type.Optional(Type.String({ pattern: '^(LocalMachine|CurrentUser)\\\\[A-Za-z ]+$' })),
});

const RevocationProbe = closed({ ...named, ...timed, url: Type.String({ pattern: '^http://' }) });

const ProcessProbe = closed({ ...named, process: Text(), atLeast: Type.Optional(Type.Integer({ minimum: 1 })) });

const ServiceProbe = closed({ ...named, service: Text() });

/** What this node looks at from outside: endpoints, certificates, files, processes, services. */
export const probes = createSection(
  closed({
    enabled: Type.Boolean(),
    every: Duration({ minimum: 5_000 }),
    timeout: Duration({ minimum: 100, maximum: 60_000 }),
    /** Replaces `{suffix}` in urls, hosts and queries: the DNS suffix of the site's control plane. */
    suffix: Type.String(),
    /** PEM file of the site's own authorities, beside those that the system trusts. */
    ca: Type.String(),
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
      url: Type.String({ runs: true }),
      ca: Type.Optional(Type.String({ runs: true })),
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
