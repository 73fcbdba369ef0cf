import { X509Certificate } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { version } from '../../config/version.ts';
import type { Log } from '../../logging/log.ts';
import { alertRoutes } from '../api/alerts-routes.ts';
import { dashboardFiles } from '../api/dashboard-files.ts';
import { publishEndpoint } from '../api/endpoint-file.ts';
import { evidenceRoutes } from '../api/evidence-routes.ts';
import { createNodeIdentifier } from '../api/identify-node.ts';
import { createSenderIdentifier } from '../api/identify-sender.ts';
import { createUserIdentifier } from '../api/identify-user.ts';
import { logRoutes } from '../api/logs-routes.ts';
import { metricRoutes } from '../api/metrics-routes.ts';
import { createServer } from '../api/server.ts';
import { sessionRoutes } from '../api/session-routes.ts';
import { sqlRoutes } from '../api/sql-routes.ts';
import { createClosers } from '../close-in-order.ts';
import { openIdentity } from '../identity/open-identity.ts';
import { hashSecret, randomSecret } from '../identity/secret.ts';
import { createAuditTrail } from '../state/audit.ts';
import type { Case } from './case-folder.ts';
import { createCaseView } from './case-view.ts';

export interface ServedCase {
  url: string;
  /** Works once, for 15 minutes. */
  signinToken: string;
  /** SHA-256 of the certificate that a browser is shown. */
  fingerprint: string;
  close(): Promise<void>;
}

/** Shows a case in the dashboard: on loopback, to whoever has the link, to be read and never changed. Throws SX_PORT_TAKEN. */
export async function serveCase(target: Case, { log, port }: { log: Log; port: number }): Promise<ServedCase> {
  const { folder, settings, state, store, records } = target;
  const nowMs = Date.now;
  const closers = createClosers(log);
  try {
    const trail = createAuditTrail(state, { nowMs });
    const parts = { state, audit: trail.record, settings, log };
    const identity = await openIdentity(folder, parts, { nowMs, onEnrolled: () => undefined });
    const { tokens, sessions, certificates } = identity;
    const { tls } = await identity.serverTls();
    const view = createCaseView(records);
    const localToken = randomSecret();
    const server = await createServer({
      tls,
      log,
      identify: {
        identifyNode: createNodeIdentifier({ certificates, nowMs }),
        identifySender: createSenderIdentifier({ tokens }),
        identifyUser: createUserIdentifier({ tokens, sessions, localTokenHash: hashSecret(localToken) }),
        onNode: () => undefined,
      },
      plugins: [
        sessionRoutes({
          ...{ state, tokens, sessions, audit: trail.record, version },
          site: view.site(),
          evidence: view.evidence(),
        }),
        evidenceRoutes({ view, records }),
        alertRoutes({ alerts: { list: (filter = {}) => view.alerts(filter) } }),
        logRoutes({ store }),
        metricRoutes({ store }),
        sqlRoutes({ store, audit: trail.record }),
        dashboardFiles({ folder: fileURLToPath(new URL('../../dashboards/web/dist', import.meta.url)) }),
      ],
    });
    closers.add('server', server.close);
    const address = await server.listen({ host: '127.0.0.1', port });
    const url = `https://127.0.0.1:${address.port}`;
    const caFile = identity.authorityFile;
    closers.add('endpoint file', publishEndpoint(folder, { url, token: localToken, caFile, pid: process.pid }));
    const { secret } = tokens.create({ kind: 'signin', name: 'reader', role: 'viewer', createdBy: 'bundle open' });
    return {
      url,
      signinToken: secret,
      fingerprint: new X509Certificate(tls.chainPem).fingerprint256,
      close: () => closers.closeAll(),
    };
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}
