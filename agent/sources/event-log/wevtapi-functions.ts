import koffi from 'koffi';
import { EventLogError } from './event-log-api.ts';

/** wevtapi and what it needs of kernel32, as winevt.h declares them. Handles and buffers are addresses (bigint). */
export function loadWevtapi() {
  const kernel32 = koffi.load('kernel32.dll');
  const systemDirectory = kernel32.func('uint32_t GetSystemDirectoryW(_Out_ uint16_t *buffer, uint32_t size)');
  const place = new Uint16Array(260);
  const length = systemDirectory(place, place.length) as number;
  // By its full path: nothing that lies beside the program is taken for it.
  const wevtapi = koffi.load(`${String.fromCharCode(...place.subarray(0, length))}\\wevtapi.dll`);
  const lastError = kernel32.func('uint32_t GetLastError()') as () => number;
  const evt = (name: string, result: string, ...args: string[]) => wevtapi.func(name, result, args);
  const dword = 'uint32_t';
  const handle = 'void *';

  return {
    createEvent: kernel32.func('void *CreateEventW(void *security, bool manual, bool initial, void *name)'),
    resetEvent: kernel32.func('bool ResetEvent(void *event)'),
    closeHandle: kernel32.func('bool CloseHandle(void *handle)'),
    waitOne: kernel32.func('uint32_t WaitForSingleObject(void *handle, uint32_t milliseconds)'),
    waitAny: kernel32.func(
      'uint32_t WaitForMultipleObjects(uint32_t count, void *handles, bool all, uint32_t milliseconds)',
    ),
    sleep: kernel32.func('void Sleep(uint32_t milliseconds)'),
    close: evt('EvtClose', 'bool', handle),
    openChannelEnum: evt('EvtOpenChannelEnum', handle, handle, dword),
    nextChannelPath: evt('EvtNextChannelPath', 'bool', handle, dword, handle, handle),
    openLog: evt('EvtOpenLog', handle, handle, 'str16', dword),
    getLogInfo: evt('EvtGetLogInfo', 'bool', handle, dword, dword, handle, handle),
    subscribe: evt('EvtSubscribe', handle, handle, handle, 'str16', 'str16', handle, handle, handle, dword),
    next: evt('EvtNext', 'bool', handle, dword, handle, dword, dword, handle),
    createBookmark: evt('EvtCreateBookmark', handle, 'str16'),
    updateBookmark: evt('EvtUpdateBookmark', 'bool', handle, handle),
    createRenderContext: evt('EvtCreateRenderContext', handle, dword, handle, dword),
    render: evt('EvtRender', 'bool', handle, handle, dword, dword, handle, handle, handle),
    openPublisherMetadata: evt('EvtOpenPublisherMetadata', handle, handle, 'str16', 'str16', dword, dword),
    formatMessage: evt('EvtFormatMessage', 'bool', handle, handle, dword, dword, handle, dword, dword, handle, handle),
    /** Number of the last failure; koffi keeps it from one call to the next. */
    lastError,
    failed: (call: string): EventLogError => new EventLogError(call, lastError()),
  };
}
export type Wevtapi = ReturnType<typeof loadWevtapi>;
