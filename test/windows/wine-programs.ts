import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian's places; the script in /usr/bin would look for a 32-bit Wine first and complain. */
export const wineLoader = '/usr/lib/wine/wine64';
export const wineServer = '/usr/lib/wine/wineserver64';
/** C compiler for Windows, of which stand-in DLLs are made. */
export const windowsCompiler = 'x86_64-w64-mingw32-gcc';

/** Programs that tests of Windows code need and this machine lacks. */
export const missingWine: string[] = [wineLoader, wineServer, windowsCompiler].filter((program) => !find(program));

function find(program: string): boolean {
  if (program.startsWith('/')) return existsSync(program);
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

/** Environment of everything under one prefix. Programs get nothing else of ours, above all no NODE_OPTIONS. */
export function wineEnvironment(prefix: string): Record<string, string> {
  return {
    PATH: '/usr/bin:/bin',
    // Wine links its users' folders to those in HOME.
    HOME: prefix,
    LANG: 'C.UTF-8',
    WINEPREFIX: prefix,
    WINEARCH: 'win64',
    WINELOADER: wineLoader,
    WINEDEBUG: '-all',
    // .NET and HTML are not installed, and asking about them would wait for somebody.
    WINEDLLOVERRIDES: 'mscoree=;mshtml=;winemenubuilder.exe=',
  };
}
