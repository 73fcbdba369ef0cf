import koffi from 'koffi';
import { makeFolder } from '../../durable/make-folder.ts';
import { lastFailure } from './failure.ts';

const advapi32 = koffi.load('advapi32.dll');
const kernel32 = koffi.load('kernel32.dll');
const ConvertStringSecurityDescriptorToSecurityDescriptorW = advapi32.func(
  'int __stdcall ConvertStringSecurityDescriptorToSecurityDescriptorW(const char16_t *text, uint32_t revision, _Out_ void **descriptor, uint32_t *size)',
);
const SetFileSecurityW = advapi32.func(
  'int __stdcall SetFileSecurityW(const char16_t *path, uint32_t parts, void *descriptor)',
);
const LocalFree = kernel32.func('void *__stdcall LocalFree(void *memory)');

/** DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION */
const protectedDacl = 0x4 | 0x80000000;

/**
 * Makes a folder and closes it to everybody but the system, administrators and the named SIDs. What is made in it later
 * inherits that; below %ProgramData% any user could otherwise read keys and put files into the way.
 * Throws what Windows refuses.
 */
export function protectFolder(folder: string, sids: readonly string[]): void {
  makeFolder(folder);
  const entries = ['SY', 'BA', ...sids].map((sid) => `(A;OICI;FA;;;${sid})`);
  const descriptor: [bigint | null] = [null];
  if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(`D:P${entries.join('')}`, 1, descriptor, null)) {
    throw lastFailure('ConvertStringSecurityDescriptorToSecurityDescriptorW');
  }
  try {
    if (!SetFileSecurityW(folder, protectedDacl >>> 0, descriptor[0])) throw lastFailure('SetFileSecurityW');
  } finally {
    LocalFree(descriptor[0]);
  }
}
