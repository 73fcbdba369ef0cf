/** State letter of /proc/PID/stat → process.state. The command's name may hold anything, so the last `)` counts. */
export function processState(stat: string): 'running' | 'sleeping' | 'stopped' | 'defunct' | undefined {
  switch (stat[stat.lastIndexOf(')') + 2]) {
    case 'R':
      return 'running';
    case 'S':
    case 'D':
    case 'I':
    case 'P':
      return 'sleeping';
    case 'T':
    case 't':
      return 'stopped';
    case 'Z':
    case 'X':
      return 'defunct';
    default:
      return undefined;
  }
}
