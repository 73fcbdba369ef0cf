#include "standin.h"

__declspec(dllexport) void *WINAPI EvtCreateRenderContext(DWORD count, void *paths, DWORD flags) {
  if (count || paths || (flags != 1 && flags != 2)) { SetLastError(ERROR_INVALID_PARAMETER); return NULL; }
  Context *made = new_handle(H_CONTEXT, sizeof *made);
  made->flags = flags;
  return made;
}

__declspec(dllexport) BOOL WINAPI EvtRender(Context *context, void *fragment, DWORD flags, DWORD size, void *buffer,
                                            DWORD *used, DWORD *count) {
  *count = 0;
  if (flags == 2) {
    Bookmark *bookmark = fragment;
    wchar_t xml[512];
    if (bookmark->kind != H_BOOKMARK) return fail(ERROR_INVALID_HANDLE);
    _snwprintf(xml, 512, L"<BookmarkList>\r\n  <Bookmark Channel='%ls' RecordId='%llu' IsCurrent='true'/>\r\n</BookmarkList>",
               bookmark->channel, (unsigned long long)bookmark->id);
    BOOL fits = put_text(xml, size / sizeof(wchar_t), buffer, used);
    *used *= sizeof(wchar_t);
    return fits;
  }
  if (*(Kind *)fragment != H_EVENT) return fail(ERROR_INVALID_HANDLE);
  if (flags == 1) return render_xml(fragment, size, buffer, used);
  if (!context) return fail(ERROR_INVALID_PARAMETER);
  return render_values(fragment, context->flags, size, buffer, used, count);
}

__declspec(dllexport) void *WINAPI EvtCreateBookmark(const wchar_t *xml) {
  Bookmark *made = new_handle(H_BOOKMARK, sizeof *made);
  if (!xml) return made;
  const wchar_t *id = wcsstr(xml, L"RecordId='"), *channel = wcsstr(xml, L"Channel='");
  if (!id || !channel) { EvtClose(made); SetLastError(ERROR_INVALID_PARAMETER); return NULL; }
  made->id = wcstoull(id + 10, NULL, 10);
  made->set = TRUE;
  channel += 9;
  size_t length = wcscspn(channel, L"'");
  wcsncpy(made->channel, channel, length < 255 ? length : 255);
  return made;
}

__declspec(dllexport) BOOL WINAPI EvtUpdateBookmark(Bookmark *bookmark, Event *event) {
  if (!event || event->kind != H_EVENT) return fail(ERROR_INVALID_HANDLE);
  wcscpy(bookmark->channel, event->channel->name);
  sscanf(event->fields[F_ID], "%llu", (unsigned long long *)&bookmark->id);
  return bookmark->set = TRUE;
}

__declspec(dllexport) void *WINAPI EvtOpenChannelEnum(void *session, DWORD flags) {
  (void)session; (void)flags;
  wchar_t folder[MAX_PATH], pattern[MAX_PATH];
  if (!data_folder(folder)) { SetLastError(ERROR_FILE_NOT_FOUND); return NULL; }
  _snwprintf(pattern, MAX_PATH, L"%ls\\*.events", folder);
  Channels *made = new_handle(H_CHANNELS, sizeof *made);
  made->search = FindFirstFileW(pattern, &made->found);
  made->done = made->search == INVALID_HANDLE_VALUE;
  return made;
}

__declspec(dllexport) BOOL WINAPI EvtNextChannelPath(Channels *from, DWORD size, wchar_t *buffer, DWORD *used) {
  if (from->done) return fail(ERROR_NO_MORE_ITEMS);
  wchar_t name[512];
  size_t at = 0;
  for (const wchar_t *c = from->found.cFileName; *c && wcscmp(c, L".events") != 0; c++)
    if (c[0] == L'%' && c[1] == L'4') { name[at++] = L'/'; c++; }
    else name[at++] = *c;
  name[at] = 0;
  if (!put_text(name, size, buffer, used)) return FALSE;
  from->done = !FindNextFileW(from->search, &from->found);
  return TRUE;
}

__declspec(dllexport) void *WINAPI EvtOpenLog(void *session, const wchar_t *path, DWORD flags) {
  (void)session;
  if (flags != 1) { SetLastError(ERROR_INVALID_PARAMETER); return NULL; }
  EnterCriticalSection(&lock);
  Channel *channel = channel_named(path);
  LeaveCriticalSection(&lock);
  if (!channel->exists) { SetLastError(E_CHANNEL_NOT_FOUND); return NULL; }
  Log *made = new_handle(H_LOG, sizeof *made);
  made->channel = channel;
  return made;
}

__declspec(dllexport) BOOL WINAPI EvtGetLogInfo(Log *log, DWORD property, DWORD size, void *buffer, DWORD *used) {
  struct { uint64_t number; uint32_t count, type; } value = { 0, 0, 10 };
  *used = sizeof value;
  if (size < sizeof value) return fail(ERROR_INSUFFICIENT_BUFFER);
  EnterCriticalSection(&lock);
  refresh(log->channel);
  const Channel *channel = log->channel;
  size_t first = first_at(channel, 0);
  if (property == 0) { value.number = channel->created; value.type = 17; }
  else if (property == 5) value.number = channel->count - first;
  else if (property == 6) value.number = first < channel->count ? channel->records[first].id : channel->oldest;
  else *used = 0;
  LeaveCriticalSection(&lock);
  if (*used == 0) return fail(ERROR_INVALID_PARAMETER);
  memcpy(buffer, &value, sizeof value);
  return TRUE;
}
