import koffi from 'koffi';

const advapi32 = koffi.load('advapi32.dll');
const RegGetValueW = advapi32.func(
  'int32_t __stdcall RegGetValueW(uintptr_t key, const char16_t *subKey, const char16_t *value, uint32_t flags, void *type, _Out_ uint8_t *data, _Inout_ uint32_t *bytes)',
);

const localMachine = 0x80000002n;
/** RRF_RT_REG_SZ; and the key that 64-bit programs see, whatever this one is (RRF_SUBKEY_WOW6464KEY). */
const textOf64Bit = 0x2 | 0x10000;

/**
 * `HKLM\SOFTWARE\Microsoft\Cryptography\MachineGuid`, which setup makes and which stays when the machine is renamed;
 * undefined where it cannot be read. Copies of an image that was not generalised share it.
 */
export function machineGuid(): string | undefined {
  const data = Buffer.alloc(256);
  const bytes = [data.length];
  const status = RegGetValueW(
    localMachine,
    'SOFTWARE\\Microsoft\\Cryptography',
    'MachineGuid',
    textOf64Bit,
    null,
    data,
    bytes,
  );
  if (status !== 0) return undefined;
  const text = data.toString('utf16le', 0, bytes[0]).replace(/\0.*$/s, '');
  return text === '' ? undefined : text;
}
