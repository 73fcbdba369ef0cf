import type { FileQuestions } from '../../filesystems/file-questions.ts';
import type { OpenQuestions } from '../open-questions.ts';
import type { SourceContext } from '../source.ts';
import { readinessPath, readReadiness } from './control-plane.ts';
import { judgeCertificates, probeCertificateFiles, probeFileAge } from './files.ts';
import { probeWeb } from './https.ts';
import type { LocalState } from './local-state.ts';
import { probeDns, probeTcp } from './network.ts';
import type { Probe } from './probe.ts';
import { probeRevocationList } from './revocation-list.ts';
import { createFill } from './site-names.ts';
import { probeTls } from './tls.ts';
import { createTrust } from './trust.ts';

type Section = SourceContext['profile']['probes'];

/** Reading certificates from files and stores more often tells nothing new. */
const certificatesEveryMs = 3_600_000;

/** Everything that the profile's section asks to be looked at. */
export function probesOf(
  section: Section,
  {
    localState,
    questions,
    fileQuestions,
    nowMs,
  }: { localState: LocalState; questions: OpenQuestions; fileQuestions: FileQuestions; nowMs(): number },
): Probe[] {
  const timeoutMs = section.timeout;
  const makeTrust = createTrust({ questions: fileQuestions, nowMs });
  const trustFor = (probe: { ca?: string; clientCertificate?: string; clientKey?: string }) =>
    makeTrust({
      authorities: [section.ca, probe.ca].filter((file): file is string => Boolean(file)),
      certificate: probe.clientCertificate,
      key: probe.clientKey,
    });
  const { fill, waitsForName } = createFill(section);
  const on = <Item extends { name: string; enabled?: boolean }>(items: readonly Item[]): Item[] =>
    items.filter((item) => (item.enabled ?? true) && !waitsForName(item));
  const every = (probe: { every?: number }, fallbackMs = section.every): number => probe.every ?? fallbackMs;

  const web = on(section.https).map((probe): Probe => {
    const target = { ...probe, url: fill(probe.url), identified: probe.clientCertificate !== undefined };
    const capabilities = { trust: trustFor(probe), timeoutMs, nowMs };
    const { name, group } = probe;
    return {
      name,
      kind: 'https',
      group,
      everyMs: every(probe),
      async look(signal) {
        const { body: _, ...result } = await probeWeb(target, capabilities, signal);
        return result;
      },
    };
  });
  const { controlPlane } = section;
  const control: Probe[] =
    controlPlane.url === ''
      ? []
      : [
          {
            name: 'control plane',
            kind: 'control-plane',
            group: 'control-plane',
            everyMs: section.every,
            async look(signal) {
              const url = new URL(readinessPath, controlPlane.url).href;
              const capabilities = { trust: trustFor(controlPlane), timeoutMs, nowMs };
              const identified = controlPlane.clientCertificate !== undefined;
              return readReadiness(await probeWeb({ url, identified }, capabilities, signal));
            },
          },
        ];
  const tcp = on(section.tcp).map((probe): Probe => {
    const target = { host: fill(probe.host), port: probe.port };
    return {
      name: probe.name,
      kind: 'tcp',
      everyMs: every(probe),
      look: (signal) =>
        probe.tls
          ? probeTls(target, { trust: trustFor(probe), timeoutMs, nowMs }, signal)
          : probeTcp(target, timeoutMs, signal),
    };
  });
  const dns = on(section.dns).map((probe): Probe => {
    const target = { ...probe, query: fill(probe.query) };
    return {
      name: probe.name,
      kind: 'dns',
      everyMs: every(probe),
      look: (signal) => probeDns(target, timeoutMs, signal),
    };
  });
  const files = on(section.files).map(
    (probe): Probe => ({
      name: probe.name,
      kind: 'file',
      everyMs: every(probe),
      look: () => probeFileAge(probe, { questions, nowMs }),
    }),
  );
  const lists = on(section.revocationLists).map((probe): Probe => {
    const url = fill(probe.url);
    return {
      name: probe.name,
      kind: 'revocation-list',
      everyMs: every(probe, certificatesEveryMs),
      look: (signal) => probeRevocationList(url, { trust: trustFor({}), timeoutMs, nowMs }, signal),
    };
  });
  const certificates = on(section.certificates).map(
    (probe): Probe => ({
      name: probe.name,
      kind: 'certificate',
      everyMs: every(probe, certificatesEveryMs),
      look: (signal) =>
        probe.store === undefined
          ? probeCertificateFiles(probe.files ?? [], { questions, nowMs })
          : probeStore(localState, probe.store, nowMs(), signal),
    }),
  );
  if (controlPlane.url !== '' && controlPlane.clientCertificate !== undefined) {
    const files = [controlPlane.clientCertificate];
    certificates.push({
      name: 'control plane client certificate',
      kind: 'certificate',
      everyMs: certificatesEveryMs,
      look: () => probeCertificateFiles(files, { questions, nowMs }),
    });
  }
  return [...web, ...control, ...tcp, ...dns, ...files, ...lists, ...certificates, ...localProbes(section, localState)];
}

async function probeStore(localState: LocalState, store: string, nowMs: number, signal: AbortSignal) {
  const stored = await localState.certificates(store, signal);
  if (!stored) return undefined;
  const all = stored.map(({ subject, issuer, thumbprint, beginsMs, expiresMs }) => ({
    path: `${store}\\${thumbprint}`,
    facts: { commonName: subject, issuer, names: '', beginsMs, expiresMs },
  }));
  return judgeCertificates(all, nowMs);
}

/** Services and processes: asked one by one, since each has its own place in the interval. */
function localProbes(section: Section, localState: LocalState): Probe[] {
  const everyMs = section.every;
  const services = section.services
    .filter(({ enabled = true }) => enabled)
    .map(
      ({ name, service }): Probe => ({
        name,
        kind: 'service',
        everyMs,
        async look(signal) {
          const states = await localState.services([service], signal);
          if (!states) return undefined;
          const state = states.get(service) ?? 'not_found';
          if (state === 'running') return { up: true };
          return { up: false, errorType: state, detail: `the service ${service} is ${state.replace('_', ' ')}` };
        },
      }),
    );
  const processes = section.processes
    .filter(({ enabled = true }) => enabled)
    .map(
      ({ name, process, atLeast = 1 }): Probe => ({
        name,
        kind: 'process',
        everyMs,
        async look(signal) {
          const count = (await localState.processes([process], signal)).get(process) ?? 0;
          const attributes = { 'process.executable.name': process };
          const samples = [{ metric: 'sextant.probe.processes' as const, value: count, attributes }];
          if (count >= atLeast) return { up: true, samples };
          return { up: false, errorType: 'too_few', detail: `${count} of at least ${atLeast} processes`, samples };
        },
      }),
    );
  return [...services, ...processes];
}
