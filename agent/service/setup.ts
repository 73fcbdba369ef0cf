import { enroll } from '../identity/enroll.ts';
import { isEnrolled, loadIdentity } from '../identity/identity.ts';
import { protectFolder } from '../windows/protect-folder.ts';
import { configureService } from './configure.ts';
import { service } from './definition.ts';
import { reportEvent } from './event-log.ts';
import { failureText } from './failure-text.ts';
import { serviceSid } from './sid.ts';

export interface SetupOptions {
  dataDir: string;
  /** Left out when the node keeps the identity that it has, or is enrolled later. */
  enrolment?: { collectorUrl: string; readToken(): string };
}

/** The installer ends well then: a property that was misspelt looks to it like one that was left out. */
export const notEnrolledText = `This node is not enrolled, so the service is not started.
What to do: make a token on the collector (sextant token create), then as administrator in the folder of the program:
sextant agent service setup --collector https://HOST:8443 --token-file FILE --start
If COLLECTOR_URL and ENROLLMENT_TOKEN were given to the installer, look how they were spelt.`;

/**
 * What is done once the service is installed and before it is started: the data folder is closed to users, the node is
 * enrolled unless it is already, the service manager is told how to restart it and what it may do.
 *
 * What happens goes to the Application log, because an installer shows nothing of it. Returns the settings that Windows
 * refused; throws what `enroll` throws.
 */
export async function setUpService(options: SetupOptions): Promise<{ setting: string; reason: string }[]> {
  const { dataDir, enrolment } = options;
  protectFolder(dataDir, [serviceSid(service.name)]);
  if (enrolment && !isEnrolled(dataDir)) {
    const { collectorUrl } = enrolment;
    try {
      await enroll({ dataDir, collectorUrl, token: enrolment.readToken().trim(), node: '' });
    } catch (error) {
      reportEvent('enrolmentFailed', `This node could not be enrolled: ${failureText(error)}`);
      throw error;
    }
    reportEvent('enrolled', `This node is enrolled as ${loadIdentity(dataDir).node} at ${collectorUrl}.`);
  }
  const refused = (await configureService()).map(({ setting, failure }) => ({ setting, reason: failure.message }));
  if (refused.length > 0) {
    const lines = refused.map(({ setting, reason }) => `${setting}: ${reason}`);
    reportEvent('configured', `Windows refused some settings of the service.\n${lines.join('\n')}`);
  }
  if (!isEnrolled(dataDir)) reportEvent('notEnrolled', notEnrolledText);
  return refused;
}
