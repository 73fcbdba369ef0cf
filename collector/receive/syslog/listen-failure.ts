import { SextantError } from '../../../errors/sextant-error.ts';

/** Why a port for syslog cannot be listened on, as something a person can act on. */
export function listenFailure(
  cause: NodeJS.ErrnoException,
  { host, port, transport }: { host: string; port: number; transport: 'TCP' | 'UDP' },
): Error {
  const setting = 'collector.syslog';
  if (cause.code === 'EADDRINUSE') {
    const what = `${transport} port ${port} of ${host}, for syslog, is in use by another program`;
    return new SextantError('SX_PORT_TAKEN', what, {
      cause,
      nextStep: `free the port or choose another in ${setting}`,
    });
  }
  if (cause.code === 'EACCES') {
    const what = `this user may not listen on ${transport} port ${port} of ${host}, for syslog`;
    return new SextantError('SX_PORT_TAKEN', what, { cause, nextStep: `choose a port above 1023 in ${setting}` });
  }
  if (cause.code === 'EADDRNOTAVAIL' || cause.code === 'ENOTFOUND') {
    return new SextantError('SX_CONFIG_INVALID', `collector.listen: this machine has no address ${host}`, { cause });
  }
  return cause;
}
