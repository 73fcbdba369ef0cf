import koffi from 'koffi';

const advapi32 = koffi.load('advapi32.dll');
const RegGetValueW = advapi32.func(
  'int32_t __stdcall RegGetValueW(uintptr_t key, const char16_t *subKey, const char16_t *value, uint32_t flags, void *type, _Out_ uint8_t *data, _Inout_ uint32_t *bytes)',
);
const localMachine = 0x80000002n;
/** RRF_RT_REG_DWORD | RRF_SUBKEY_WOW6464KEY */
const numberOf64Bit = 0x10 | 0x10000;

const policies = 'SOFTWARE\\Policies\\Microsoft\\Windows\\RemovableStorageDevices';
/** The class of disks in that policy (GUID_DEVINTERFACE_DISK). */
const disks = `${policies}\\{53f5630d-b6bf-11d0-94f2-00a0c91efb8b}`;
const bitLocker = ['SYSTEM\\CurrentControlSet\\Policies\\Microsoft\\FVE', 'SOFTWARE\\Policies\\Microsoft\\FVE'];

function isSet(key: string, value: string): boolean {
  const data = Buffer.alloc(4);
  const status = RegGetValueW(localMachine, key, value, numberOf64Bit, null, data, [data.length]);
  return status === 0 && data.readUInt32LE(0) !== 0;
}

/**
 * The policy of this machine that keeps a drive from being written, as an administrator knows it; null when none does.
 * BitLocker's is asked only for a volume that is read-only already, since it leaves out those that BitLocker has encrypted.
 */
export function writePolicy({ removable, readOnly }: { removable: boolean; readOnly: boolean }): string | null {
  if (removable && isSet('SYSTEM\\CurrentControlSet\\Control\\StorageDevicePolicies', 'WriteProtect')) {
    return 'the policy StorageDevicePolicies\\WriteProtect of this machine makes removable storage read-only';
  }
  if (removable && isSet(policies, 'Deny_All')) {
    return 'the group policy “All Removable Storage classes: Deny all access” forbids it';
  }
  if (removable && isSet(disks, 'Deny_Write')) {
    return 'the group policy “Removable Disks: Deny write access” forbids it';
  }
  if (removable && readOnly && bitLocker.some((key) => isSet(key, 'RDVDenyWriteAccess'))) {
    return 'the group policy “Deny write access to removable drives not protected by BitLocker” forbids it';
  }
  return null;
}
