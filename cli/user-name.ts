import { userInfo } from 'node:os';

/** Who runs this command, for notes and receipts; a user id that the system has no name for (containers, `setpriv`) is one too. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // ENOENT, uv_os_get_passwd: it is not in the system's list of users.
    return process.getuid ? `uid ${process.getuid()}` : 'unknown user';
  }
}
