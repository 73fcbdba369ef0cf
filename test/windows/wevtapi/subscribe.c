#include "standin.h"

#define ORIGIN_MASK 3
#define START_FUTURE 1
#define START_OLDEST 2
#define START_BOOKMARK 3
#define SUBSCRIBE_STRICT 0x10000

/* Tells of new records once each time that the file has grown, as Windows sets the event: whoever resets it after
 * reading instead of before has reset the one that told of what came meanwhile. */
static DWORD WINAPI watch(LPVOID parameter) {
  Subscription *subscription = parameter;
  uint64_t known = 0;
  do {
    WIN32_FILE_ATTRIBUTE_DATA info;
    if (!GetFileAttributesExW(subscription->channel->events, GetFileExInfoStandard, &info)) continue;
    uint64_t size = ((uint64_t)info.nFileSizeHigh << 32) | info.nFileSizeLow;
    if (size != known) SetEvent(subscription->signal);
    known = size;
  } while (WaitForSingleObject(subscription->stop, 20) == WAIT_TIMEOUT);
  return 0;
}

/* Brackets that do not match are an invalid query; of the rest EventID=N and Level=N are understood. */
static BOOL parse_query(const wchar_t *query, Subscription *into) {
  into->wanted_event = into->wanted_level = -1;
  if (!query) return TRUE;
  int depth = 0;
  for (const wchar_t *at = query; *at && depth >= 0; at++) depth += *at == L'[' ? 1 : *at == L']' ? -1 : 0;
  if (depth != 0) return FALSE;
  const wchar_t *found = wcsstr(query, L"EventID=");
  if (found) into->wanted_event = _wtoi(found + 8);
  found = wcsstr(query, L"Level=");
  if (found) into->wanted_level = _wtoi(found + 6);
  return TRUE;
}

static void *no_subscription(DWORD error) { SetLastError(error); return NULL; }

__declspec(dllexport) void *WINAPI EvtSubscribe(void *session, HANDLE signal, const wchar_t *path, const wchar_t *query,
                                                Bookmark *bookmark, void *context, void *callback, DWORD flags) {
  (void)session; (void)context;
  Subscription parsed;
  if (callback || !signal || !path) return no_subscription(ERROR_INVALID_PARAMETER);
  EnterCriticalSection(&lock);
  Channel *channel = channel_named(path);
  DWORD error = 0;
  uint64_t next = 0;
  if (!channel->exists) error = E_CHANNEL_NOT_FOUND;
  else if (channel->denied) error = ERROR_ACCESS_DENIED;
  else if (!parse_query(query, &parsed)) error = E_INVALID_QUERY;
  else if ((flags & ORIGIN_MASK) == START_BOOKMARK) {
    size_t at = bookmark ? first_at(channel, bookmark->id) : channel->count;
    BOOL there = bookmark && at < channel->count && channel->records[at].id == bookmark->id;
    if (!there && (flags & SUBSCRIBE_STRICT)) error = ERROR_NOT_FOUND;
    next = bookmark ? bookmark->id + 1 : 0;
  } else if ((flags & ORIGIN_MASK) == START_FUTURE)
    next = channel->count ? channel->records[channel->count - 1].id + 1 : 0;
  else if ((flags & ORIGIN_MASK) != START_OLDEST) error = ERROR_INVALID_PARAMETER;
  Subscription *made = NULL;
  if (!error) {
    made = new_handle(H_SUBSCRIPTION, sizeof *made);
    made->channel = channel;
    made->signal = signal;
    made->next_id = next < channel->oldest ? channel->oldest : next;
    made->cleared = channel->cleared;
    made->strict = (flags & SUBSCRIBE_STRICT) != 0;
    made->wanted_event = parsed.wanted_event;
    made->wanted_level = parsed.wanted_level;
    made->stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    made->thread = CreateThread(NULL, 0, watch, made, 0, NULL);
  }
  LeaveCriticalSection(&lock);
  return made ? made : no_subscription(error);
}

static int number_at(const Record *record, int field) {
  const char *at = record->line;
  for (; at && field > 0; field--) { at = strchr(at, '\t'); if (at) at++; }
  return at ? atoi(at) : -1;
}

static BOOL wanted(const Subscription *subscription, const Record *record) {
  return (subscription->wanted_event < 0 || number_at(record, F_EVENT) == subscription->wanted_event) &&
         (subscription->wanted_level < 0 || number_at(record, F_LEVEL) == subscription->wanted_level);
}

__declspec(dllexport) BOOL WINAPI EvtNext(Subscription *from, DWORD size, void **events, DWORD timeout, DWORD flags,
                                          DWORD *returned) {
  (void)timeout; (void)flags;
  *returned = 0;
  DWORD error = 0;
  EnterCriticalSection(&lock);
  Channel *channel = from->channel;
  refresh(channel);
  /* Cleared, or written over under a reader that wants to know: this result set is of no use any more. */
  if (channel->cleared != from->cleared || (from->strict && channel->oldest > from->next_id)) from->stale = TRUE;
  if (from->stale) error = E_QUERY_RESULT_STALE;
  else {
    uint64_t bytes = 0;
    size_t at = first_at(channel, from->next_id);
    for (; at < channel->count && *returned < size; at++) {
      const Record *record = &channel->records[at];
      from->next_id = record->id + 1;
      if (!wanted(from, record)) continue;
      bytes += record->length;
      events[(*returned)++] = new_event(channel, record);
    }
    if (channel->rpc_bound && bytes > channel->rpc_bound) {
      /* The trap: nothing is handed over, but the cursor has moved on. */
      while (*returned > 0) EvtClose(events[--*returned]);
      error = RPC_S_INVALID_BOUND;
    } else if (*returned == 0) error = ERROR_NO_MORE_ITEMS;
  }
  LeaveCriticalSection(&lock);
  if (error) SetLastError(error);
  return error == 0;
}
