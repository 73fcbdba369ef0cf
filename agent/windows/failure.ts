import koffi from 'koffi';

const kernel32 = koffi.load('kernel32.dll');
const GetLastError = kernel32.func('uint32_t __stdcall GetLastError()');
const FormatMessageW = kernel32.func(
  'uint32_t __stdcall FormatMessageW(uint32_t flags, void *source, uint32_t id, uint32_t language, _Out_ uint16_t *text, uint32_t size, void *arguments)',
);

/** FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_FROM_SYSTEM */
const formatFlags = 0x200 | 0x1000;

/** What Windows refused, with its number (winerror.h) and its own words. */
export class WindowsError extends Error {
  readonly call: string;
  readonly number: number;

  constructor(call: string, number: number) {
    super(`${call}: ${systemMessage(number)} (Windows error ${number})`);
    this.name = 'WindowsError';
    this.call = call;
    this.number = number;
  }
}

/** The failure of the call before; read at once, because the next call overwrites it. */
export const lastFailure = (call: string): WindowsError => new WindowsError(call, GetLastError());

function systemMessage(number: number): string {
  const text = new Uint16Array(512);
  const length = FormatMessageW(formatFlags, null, number, 0, text, text.length, null);
  return length > 0
    ? Buffer.from(text.buffer, 0, length * 2)
        .toString('utf16le')
        .trim()
    : 'it failed';
}
