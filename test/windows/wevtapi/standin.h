/* Stand-in for Windows' wevtapi.dll, for tests under Wine (whose own is a stub). Serves events from a folder that the
 * variable SEXTANT_STANDIN_EVENTS names; see README.md for its files and for the traps that are laid. */
#ifndef STANDIN_H
#define STANDIN_H

#define WINVER 0x0602
#define _WIN32_WINNT 0x0602
#define WIN32_LEAN_AND_MEAN
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

/* Error codes of winerror.h that mingw-w64 may lack. */
#define E_CHANNEL_NOT_FOUND 15007
#define E_INVALID_QUERY 15001
#define E_PUBLISHER_NOT_FOUND 15002
#define E_QUERY_RESULT_STALE 15011
#define E_MESSAGE_NOT_FOUND 15027

#define FIXED_FIELDS 15
enum { F_ID, F_TIME, F_PROVIDER, F_GUID, F_EVENT, F_VERSION, F_LEVEL, F_TASK, F_OPCODE, F_KEYWORDS, F_PID, F_TID,
       F_COMPUTER, F_SID, F_ACTIVITY };
#define MAX_DATA 64

typedef enum { H_SUBSCRIPTION = 0x5e17, H_EVENT, H_BOOKMARK, H_CONTEXT, H_PUBLISHER, H_CHANNELS, H_LOG } Kind;

typedef struct { uint64_t id; const char *line; uint32_t length; } Record;

/* One channel's file, as far as it has been read. */
typedef struct Channel {
  struct Channel *next;
  wchar_t name[256];
  wchar_t events[MAX_PATH], state[MAX_PATH];
  Record *records;
  size_t count, capacity;
  uint64_t read_bytes, oldest, created, rpc_bound;
  int cleared;
  BOOL exists, denied;
} Channel;

typedef struct { Kind kind; Channel *channel; char *line; char *fields[FIXED_FIELDS]; char *data[MAX_DATA]; int data_count; } Event;
typedef struct { Kind kind; wchar_t channel[256]; uint64_t id; BOOL set; } Bookmark;
typedef struct { Kind kind; int flags; } Context;
typedef struct { Kind kind; char *text; } Publisher;
typedef struct { Kind kind; WIN32_FIND_DATAW found; HANDLE search; BOOL done; } Channels;
typedef struct { Kind kind; Channel *channel; } Log;
typedef struct {
  Kind kind; Channel *channel; HANDLE signal, thread, stop;
  uint64_t next_id; int cleared; BOOL strict, stale; int wanted_event, wanted_level;
} Subscription;

/* store.c. All of it is called with the lock held. */
extern CRITICAL_SECTION lock;
Channel *channel_named(const wchar_t *name);
void refresh(Channel *channel);
size_t first_at(const Channel *channel, uint64_t id);
BOOL data_folder(wchar_t *into);
char *read_whole(const wchar_t *path, uint64_t from, uint64_t *length);

/* handles.c */
void *new_handle(Kind kind, size_t size);
Event *new_event(Channel *channel, const Record *record);

/* render.c */
BOOL render_values(const Event *event, int flags, DWORD size, void *buffer, DWORD *used, DWORD *count);
BOOL render_xml(const Event *event, DWORD size, wchar_t *buffer, DWORD *used);
BOOL put_text(const wchar_t *text, DWORD size_chars, wchar_t *buffer, DWORD *used);

/* An exported function that others here call too. */
BOOL WINAPI EvtClose(void *handle);

static inline BOOL fail(DWORD error) { SetLastError(error); return FALSE; }

#endif
