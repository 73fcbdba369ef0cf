import { join } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import type { Log } from '../../logging/log.ts';
import type { ServerTls } from '../api/https-server.ts';
import type { Audit } from '../state/audit.ts';
import type { State } from '../state/state.ts';
import { type Authority, openAuthority } from './authority.ts';
import { createEnrollmentDesk, type EnrollmentDesk } from './enrollment.ts';
import { createNodeCertificates, type NodeCertificates } from './node-certificates.ts';
import { openServerCertificate } from './server-certificate.ts';
import { serverNames } from './server-names.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createTokens, type Tokens } from './tokens.ts';

/** Who this collector is, and whom it believes. */
export interface CollectorIdentity {
  authority: Authority;
  /** Where local commands find the authority's certificate. */
  authorityFile: string;
  certificates: NodeCertificates;
  tokens: Tokens;
  sessions: Sessions;
  desk: EnrollmentDesk;
  /** What the server presents now; made anew when it is due. */
  serverTls(): Promise<{ tls: ServerTls; renewed: boolean }>;
}

/** Opens or makes the authority in `folder`/ca and everything that rests on it. Throws SX_DATA_FOLDER. */
export async function openIdentity(
  folder: string,
  parts: { state: State; audit: Audit; settings: Settings; log: Log },
  capabilities: { nowMs: () => number; onEnrolled: (node: string) => void; profileKey?: () => string },
): Promise<CollectorIdentity> {
  const { state, audit, settings, log } = parts;
  const { nowMs } = capabilities;
  const caFolder = join(folder, 'ca');
  const authority = await openAuthority(caFolder, { site: settings['site.name'], nowMs });
  if (authority.made) log.info({ fingerprint: authority.fingerprint }, 'made this site’s certificate authority');
  const certificates = createNodeCertificates(state, { nowMs });
  const tokens = createTokens(state, { nowMs });

  return {
    authority,
    authorityFile: join(caFolder, 'ca.crt'),
    certificates,
    tokens,
    sessions: createSessions(state, { nowMs }),
    desk: createEnrollmentDesk({ state, authority, certificates, tokens, audit }, capabilities),
    async serverTls() {
      const { chainPem, keyPem, renewedBecause } = await openServerCertificate(caFolder, {
        authority,
        names: serverNames({ listen: settings['collector.listen'], names: settings['collector.names'] }),
        nowMs,
      });
      if (renewedBecause) log.info({ because: renewedBecause }, 'made a new server certificate');
      const tls = { chainPem, keyPem, authorityPem: authority.certificatePem };
      return { tls, renewed: renewedBecause !== undefined };
    },
  };
}
