import koffi from 'koffi';
import { lastFailure } from '../../../agent/windows/failure.ts';

const kernel32 = koffi.load('kernel32.dll');
const CreateFileW = kernel32.func(
  'intptr_t __stdcall CreateFileW(const char16_t *path, uint32_t access, uint32_t share, void *security, uint32_t disposition, uint32_t flags, void *template)',
);
const DeviceIoControl = kernel32.func(
  'int __stdcall DeviceIoControl(intptr_t device, uint32_t code, const uint8_t *input, uint32_t inputBytes, _Out_ uint8_t *output, uint32_t outputBytes, _Out_ uint32_t *returned, void *overlapped)',
);
const FlushFileBuffers = kernel32.func('int __stdcall FlushFileBuffers(intptr_t file)');
const CloseHandle = kernel32.func('int __stdcall CloseHandle(intptr_t object)');

/** Control codes of winioctl.h. */
export const control = {
  queryProperty: 0x2d1400,
  hotplugInfo: 0x2d0c14,
  isWritable: 0x70024,
  mediaRemoval: 0x2d4804,
  ejectMedia: 0x2d4808,
  lockVolume: 0x90018,
  dismountVolume: 0x90020,
} as const;

/** GENERIC_READ | GENERIC_WRITE; asking about a device needs no access at all, which an ordinary user has. */
const readWrite = 0xc0000000;
const shareReadWrite = 0x3;
const openExisting = 3;
const invalidHandle = -1;

export interface VolumeHandle {
  /** What the device answers. Throws WindowsError. */
  ask(code: number, input: Uint8Array, maxBytes: number): Buffer;
  /** Has the volume's cached writes written; needs `write`. Throws WindowsError. */
  flush(): void;
  close(): void;
}

/** Opens `\\.\E:` or `\\?\Volume{GUID}`, without a backslash at the end, which would be its root folder. Throws WindowsError. */
export function openVolume(device: string, { write }: { write: boolean }): VolumeHandle {
  const handle: number | bigint = CreateFileW(
    device,
    write ? readWrite : 0,
    shareReadWrite,
    null,
    openExisting,
    0,
    null,
  );
  if (Number(handle) === invalidHandle) throw lastFailure('CreateFileW');
  return {
    ask(code, input, maxBytes) {
      const output = Buffer.alloc(Math.max(1, maxBytes));
      const returned = [0];
      const sent = input.length > 0 ? input : null;
      const done = DeviceIoControl(handle, code, sent, input.length, output, maxBytes, returned, null);
      if (done === 0) throw lastFailure(`DeviceIoControl(0x${code.toString(16)})`);
      return output.subarray(0, returned[0] ?? 0);
    },
    flush() {
      if (FlushFileBuffers(handle) === 0) throw lastFailure('FlushFileBuffers');
    },
    close: () => {
      CloseHandle(handle);
    },
  };
}
