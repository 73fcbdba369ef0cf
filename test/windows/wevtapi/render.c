#include "standin.h"

enum { V_NULL, V_STRING, V_BYTE = 4, V_UINT16 = 6, V_INT32 = 7, V_UINT32 = 8, V_INT64 = 9, V_UINT64 = 10, V_DOUBLE = 12,
       V_BOOLEAN = 13, V_BINARY = 14, V_GUID = 15, V_FILETIME = 17, V_SID = 19, V_HEX64 = 21, V_ARRAY = 128 };

typedef struct { union { uint64_t number; double real; void *pointer; }; uint32_t count, type; } Variant;

/* Variants at the start of the caller's buffer, what they point to behind them. What does not fit is only counted. */
typedef struct { char *buffer; uint64_t size, used; DWORD at; } Writer;

static void *reserve(Writer *to, uint64_t bytes) {
  to->used = (to->used + 7) & ~7ull;
  uint64_t start = to->used;
  to->used += bytes;
  return to->used <= to->size ? to->buffer + start : NULL;
}

static void put(Writer *to, Variant value) {
  uint64_t at = (uint64_t)to->at++ * sizeof value;
  if (at + sizeof value <= to->size) memcpy(to->buffer + at, &value, sizeof value);
}

static wchar_t *put_wide(Writer *to, const char *text) {
  int length = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
  wchar_t *place = reserve(to, length * sizeof(wchar_t));
  if (place) MultiByteToWideChar(CP_UTF8, 0, text, -1, place, length);
  return place;
}

static void put_string(Writer *to, const char *text) {
  if (!*text) put(to, (Variant){ .type = V_NULL });
  else put(to, (Variant){ .pointer = put_wide(to, text), .type = V_STRING });
}

static void put_number(Writer *to, const char *text, int type) {
  if (!*text) put(to, (Variant){ .type = V_NULL });
  else put(to, (Variant){ .number = strtoull(text, NULL, 0), .type = type });
}

static void put_guid(Writer *to, const char *text) {
  unsigned long a; unsigned b, c, d[8];
  if (sscanf(text, "{%8lx-%4x-%4x-%2x%2x-%2x%2x%2x%2x%2x%2x}", &a, &b, &c, d, d + 1, d + 2, d + 3, d + 4, d + 5, d + 6, d + 7) != 11) {
    put(to, (Variant){ .type = V_NULL });
    return;
  }
  GUID *place = reserve(to, sizeof(GUID));
  if (place) {
    place->Data1 = a; place->Data2 = b; place->Data3 = c;
    for (int i = 0; i < 8; i++) place->Data4[i] = d[i];
  }
  put(to, (Variant){ .pointer = place, .type = V_GUID });
}

/* "S-1-5-21-1-2" in its binary form. */
static void put_sid(Writer *to, const char *text) {
  if (strncmp(text, "S-1-", 4) != 0) { put(to, (Variant){ .type = V_NULL }); return; }
  uint32_t parts[15]; int count = 0;
  char *at;
  uint64_t authority = strtoull(text + 4, &at, 10);
  while (*at == '-' && count < 15) parts[count++] = strtoul(at + 1, &at, 10);
  unsigned char *place = reserve(to, 8 + 4 * count);
  if (place) {
    place[0] = 1; place[1] = count;
    for (int i = 0; i < 6; i++) place[2 + i] = authority >> (8 * (5 - i));
    memcpy(place + 8, parts, 4 * count);
  }
  put(to, (Variant){ .pointer = place, .type = V_SID });
}

static void put_binary(Writer *to, const char *hex) {
  uint32_t count = strlen(hex) / 2;
  unsigned char *place = reserve(to, count);
  for (uint32_t i = 0; place && i < count; i++) { unsigned byte; sscanf(hex + 2 * i, "%2x", &byte); place[i] = byte; }
  put(to, (Variant){ .pointer = place, .count = count, .type = V_BINARY });
}

static void put_strings(Writer *to, const char *text) {
  char *copy = _strdup(text);
  uint32_t count = 0;
  const char *parts[16];
  for (char *part = strtok(copy, "|"); part && count < 16; part = strtok(NULL, "|")) parts[count++] = part;
  void **place = reserve(to, count * sizeof(void *));
  for (uint32_t i = 0; i < count; i++) { wchar_t *text_at = put_wide(to, parts[i]); if (place) place[i] = text_at; }
  put(to, (Variant){ .pointer = place, .count = count, .type = V_STRING | V_ARRAY });
  free(copy);
}

/* "Name=value" or "Name:type=value". */
static void split_data(const char *data, char *name, char *type, const char **value) {
  const char *equals = strchr(data, '=');
  size_t length = equals ? (size_t)(equals - data) : strlen(data);
  if (length > 127) length = 127;
  memcpy(name, data, length); name[length] = 0;
  *value = equals ? equals + 1 : "";
  char *colon = strchr(name, ':');
  strcpy(type, colon ? colon + 1 : "s");
  if (colon) *colon = 0;
}

static void put_data(Writer *to, const char *data) {
  char name[128], type[128]; const char *value;
  split_data(data, name, type, &value);
  if (!strcmp(type, "u32")) put_number(to, value, V_UINT32);
  else if (!strcmp(type, "u64")) put_number(to, value, V_UINT64);
  else if (!strcmp(type, "i32")) put(to, (Variant){ .number = (uint32_t)strtol(value, NULL, 10), .type = V_INT32 });
  else if (!strcmp(type, "i64")) put(to, (Variant){ .number = strtoll(value, NULL, 10), .type = V_INT64 });
  else if (!strcmp(type, "hex64")) put_number(to, value, V_HEX64);
  else if (!strcmp(type, "f64")) put(to, (Variant){ .real = atof(value), .type = V_DOUBLE });
  else if (!strcmp(type, "bool")) put_number(to, value, V_BOOLEAN);
  else if (!strcmp(type, "time")) put_number(to, value, V_FILETIME);
  else if (!strcmp(type, "guid")) put_guid(to, value);
  else if (!strcmp(type, "sid")) put_sid(to, value);
  else if (!strcmp(type, "bin")) put_binary(to, value);
  else if (!strcmp(type, "texts")) put_strings(to, value);
  else put_string(to, value);
}

BOOL render_values(const Event *event, int flags, DWORD size, void *buffer, DWORD *used, DWORD *count) {
  char *const *f = event->fields;
  BOOL system = flags == 1;
  *count = system ? 18 : event->data_count;
  Writer to = { buffer, size, *count * sizeof(Variant), 0 };
  if (system) {
    char channel[512];
    WideCharToMultiByte(CP_UTF8, 0, event->channel->name, -1, channel, sizeof channel, NULL, NULL);
    put_string(&to, f[F_PROVIDER]);
    put_guid(&to, f[F_GUID]);
    put_number(&to, f[F_EVENT], V_UINT16);
    put(&to, (Variant){ .type = V_NULL });
    put_number(&to, f[F_LEVEL], V_BYTE);
    put_number(&to, f[F_TASK], V_UINT16);
    put_number(&to, f[F_OPCODE], V_BYTE);
    put_number(&to, f[F_KEYWORDS], V_HEX64);
    put_number(&to, f[F_TIME], V_FILETIME);
    put_number(&to, f[F_ID], V_UINT64);
    put_guid(&to, f[F_ACTIVITY]);
    put(&to, (Variant){ .type = V_NULL });
    put_number(&to, f[F_PID], V_UINT32);
    put_number(&to, f[F_TID], V_UINT32);
    put_string(&to, channel);
    put_string(&to, f[F_COMPUTER]);
    put_sid(&to, f[F_SID]);
    put_number(&to, f[F_VERSION], V_BYTE);
  } else for (int i = 0; i < event->data_count; i++) put_data(&to, event->data[i]);
  *used = (DWORD)to.used;
  if (to.used <= size) return TRUE;
  SetLastError(ERROR_INSUFFICIENT_BUFFER);
  return FALSE;
}

BOOL put_text(const wchar_t *text, DWORD size_chars, wchar_t *buffer, DWORD *used) {
  *used = wcslen(text) + 1;
  if (*used > size_chars || !buffer) { SetLastError(ERROR_INSUFFICIENT_BUFFER); return FALSE; }
  wcscpy(buffer, text);
  return TRUE;
}

/* Enough of the XML for whoever wants the names of the data. */
BOOL render_xml(const Event *event, DWORD size, wchar_t *buffer, DWORD *used) {
  size_t room = 1024 + strlen(event->fields[F_PROVIDER]);
  for (int i = 0; i < event->data_count; i++) room += strlen(event->data[i]) * 6 + 64;
  char *xml = malloc(room), *at = xml;
  at += sprintf(at, "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='%s'/>"
                    "<EventID>%s</EventID></System><EventData>", event->fields[F_PROVIDER], event->fields[F_EVENT]);
  for (int i = 0; i < event->data_count; i++) {
    char name[128], type[128]; const char *value;
    split_data(event->data[i], name, type, &value);
    at += *name ? sprintf(at, "<Data Name='%s'>", name) : sprintf(at, "<Data>");
    for (; *value; value++) at += *value == '<' ? sprintf(at, "&lt;") : *value == '&' ? sprintf(at, "&amp;") : sprintf(at, "%c", *value);
    at += sprintf(at, "</Data>");
  }
  strcpy(at, "</EventData></Event>");
  int length = MultiByteToWideChar(CP_UTF8, 0, xml, -1, NULL, 0);
  wchar_t *wide = malloc(length * sizeof(wchar_t));
  MultiByteToWideChar(CP_UTF8, 0, xml, -1, wide, length);
  DWORD chars;
  BOOL fits = put_text(wide, size / sizeof(wchar_t), buffer, &chars);
  *used = chars * sizeof(wchar_t);
  free(wide);
  free(xml);
  return fits;
}
