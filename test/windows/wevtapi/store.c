#include "standin.h"

CRITICAL_SECTION lock;
static Channel *channels;

BOOL data_folder(wchar_t *into) {
  DWORD length = GetEnvironmentVariableW(L"SEXTANT_STANDIN_EVENTS", into, MAX_PATH);
  return length > 0 && length < MAX_PATH;
}

char *read_whole(const wchar_t *path, uint64_t from, uint64_t *length) {
  HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                            OPEN_EXISTING, 0, NULL);
  if (file == INVALID_HANDLE_VALUE) return NULL;
  LARGE_INTEGER size, start;
  GetFileSizeEx(file, &size);
  start.QuadPart = from;
  uint64_t wanted = (uint64_t)size.QuadPart > from ? size.QuadPart - from : 0;
  char *text = malloc(wanted + 1);
  DWORD got = 0;
  SetFilePointerEx(file, start, NULL, FILE_BEGIN);
  ReadFile(file, text, (DWORD)wanted, &got, NULL);
  CloseHandle(file);
  text[got] = 0;
  *length = got;
  return text;
}

/* "Application/Operational" lies in "Application%4Operational.events", as Windows itself names its files. */
static void path_of(const wchar_t *name, const wchar_t *suffix, wchar_t *into) {
  wchar_t folder[MAX_PATH], file[512];
  size_t at = 0;
  for (; *name && at < 500; name++) {
    if (*name == L'/') { file[at++] = L'%'; file[at++] = L'4'; }
    else file[at++] = *name;
  }
  file[at] = 0;
  if (!data_folder(folder)) folder[0] = 0;
  _snwprintf(into, MAX_PATH, L"%ls\\%ls%ls", folder, file, suffix);
}

static void forget_records(Channel *channel) {
  /* Lines of earlier readings stay allocated: the process lives for one test. */
  channel->count = 0;
  channel->cleared++;
  channel->read_bytes = 0;
}

static void read_state(Channel *channel) {
  uint64_t length;
  char *text = read_whole(channel->state, 0, &length);
  unsigned long long oldest = 0, created = 1, bound = 0;
  char flag[16] = "";
  if (text) sscanf(text, "%llu %llu %llu %15s", &oldest, &created, &bound, flag);
  free(text);
  if (channel->created != created) forget_records(channel);
  channel->created = created;
  channel->oldest = oldest;
  channel->rpc_bound = bound;
  channel->denied = strcmp(flag, "denied") == 0;
}

void refresh(Channel *channel) {
  WIN32_FILE_ATTRIBUTE_DATA info;
  channel->exists = GetFileAttributesExW(channel->events, GetFileExInfoStandard, &info);
  if (!channel->exists) return;
  read_state(channel);
  uint64_t size = ((uint64_t)info.nFileSizeHigh << 32) | info.nFileSizeLow;
  if (size < channel->read_bytes) forget_records(channel);
  if (size == channel->read_bytes) return;
  uint64_t length;
  char *text = read_whole(channel->events, channel->read_bytes, &length);
  if (!text) return;
  char *line = text;
  for (char *end; (end = memchr(line, '\n', text + length - line)); line = end + 1) {
    if (channel->count == channel->capacity) {
      channel->capacity = channel->capacity ? channel->capacity * 2 : 1024;
      channel->records = realloc(channel->records, channel->capacity * sizeof(Record));
    }
    *end = 0;
    channel->records[channel->count++] = (Record){ strtoull(line, NULL, 10), line, (uint32_t)(end - line) };
  }
  channel->read_bytes += line - text;
}

Channel *channel_named(const wchar_t *name) {
  Channel *channel = channels;
  while (channel && _wcsicmp(channel->name, name) != 0) channel = channel->next;
  if (!channel) {
    channel = calloc(1, sizeof *channel);
    wcsncpy(channel->name, name, 255);
    path_of(name, L".events", channel->events);
    path_of(name, L".state", channel->state);
    channel->next = channels;
    channels = channel;
  }
  refresh(channel);
  return channel;
}

/* Index of the first record that still is in the log and is numbered `id` or higher. */
size_t first_at(const Channel *channel, uint64_t id) {
  if (id < channel->oldest) id = channel->oldest;
  size_t low = 0, high = channel->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (channel->records[middle].id < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved) {
  (void)instance; (void)reserved;
  if (reason == DLL_PROCESS_ATTACH) InitializeCriticalSection(&lock);
  return TRUE;
}
