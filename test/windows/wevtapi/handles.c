#include "standin.h"

static LONG open_handles;

/* How many handles nobody has closed: the tests look for leaks. */
__declspec(dllexport) LONG WINAPI StandInOpenHandles(void) { return open_handles; }

void *new_handle(Kind kind, size_t size) {
  Kind *made = calloc(1, size);
  *made = kind;
  InterlockedIncrement(&open_handles);
  return made;
}

Event *new_event(Channel *channel, const Record *record) {
  Event *event = new_handle(H_EVENT, sizeof *event);
  event->channel = channel;
  event->line = malloc(record->length + 1);
  memcpy(event->line, record->line, record->length + 1);
  char *at = event->line;
  for (int field = 0; at && field < FIXED_FIELDS + MAX_DATA; field++) {
    char *tab = strchr(at, '\t');
    if (tab) *tab = 0;
    if (field < FIXED_FIELDS) event->fields[field] = at;
    else event->data[event->data_count++] = at;
    at = tab ? tab + 1 : NULL;
  }
  return event;
}

__declspec(dllexport) BOOL WINAPI EvtClose(void *handle) {
  if (!handle) { SetLastError(ERROR_INVALID_HANDLE); return FALSE; }
  Kind kind = *(Kind *)handle;
  if (kind == H_EVENT) free(((Event *)handle)->line);
  else if (kind == H_PUBLISHER) free(((Publisher *)handle)->text);
  else if (kind == H_CHANNELS) {
    if (((Channels *)handle)->search != INVALID_HANDLE_VALUE) FindClose(((Channels *)handle)->search);
  } else if (kind == H_SUBSCRIPTION) {
    Subscription *subscription = handle;
    SetEvent(subscription->stop);
    WaitForSingleObject(subscription->thread, INFINITE);
    CloseHandle(subscription->thread);
    CloseHandle(subscription->stop);
  } else if (kind < H_SUBSCRIPTION || kind > H_LOG) { SetLastError(ERROR_INVALID_HANDLE); return FALSE; }
  *(Kind *)handle = 0;
  free(handle);
  InterlockedDecrement(&open_handles);
  return TRUE;
}
