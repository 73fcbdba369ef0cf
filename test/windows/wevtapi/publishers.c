#include "standin.h"

__declspec(dllexport) void *WINAPI EvtOpenPublisherMetadata(void *session, const wchar_t *name, const wchar_t *file,
                                                            DWORD locale, DWORD flags) {
  (void)session; (void)file; (void)locale; (void)flags;
  wchar_t folder[MAX_PATH], path[MAX_PATH];
  uint64_t length;
  if (!data_folder(folder)) { SetLastError(E_PUBLISHER_NOT_FOUND); return NULL; }
  _snwprintf(path, MAX_PATH, L"%ls\\publishers\\%ls.tsv", folder, name);
  char *text = read_whole(path, 0, &length);
  if (!text) { SetLastError(E_PUBLISHER_NOT_FOUND); return NULL; }
  Publisher *made = new_handle(H_PUBLISHER, sizeof *made);
  made->text = text;
  return made;
}

/* The text behind "key<TAB>" in a publisher's file. */
static BOOL line_of(const Publisher *publisher, const char *key, char *into, size_t size) {
  size_t length = strlen(key);
  for (const char *line = publisher->text; line && *line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
    if (strncmp(line, key, length) != 0 || line[length] != '\t') continue;
    const char *start = line + length + 1, *end = strchr(start, '\n');
    size_t count = end ? (size_t)(end - start) : strlen(start);
    if (count >= size) count = size - 1;
    memcpy(into, start, count);
    into[count] = 0;
    return TRUE;
  }
  return FALSE;
}

/* Puts data in for %1, %2 …; a number without data stays as it is. */
static char *insert_data(const char *template, const Event *event) {
  size_t room = strlen(template) + 1;
  for (int i = 0; i < event->data_count; i++) room += strlen(event->data[i]) * 4;
  char *text = malloc(room * 2), *to = text;
  while (*template) {
    int number = *template == '%' ? atoi(template + 1) : 0;
    if (number > 0 && number <= event->data_count) {
      const char *value = strchr(event->data[number - 1], '=');
      to += sprintf(to, "%s", value ? value + 1 : "");
      for (template++; *template >= '0' && *template <= '9'; template++) ;
    } else *to++ = *template++;
  }
  *to = 0;
  return text;
}

__declspec(dllexport) BOOL WINAPI EvtFormatMessage(Publisher *publisher, Event *event, DWORD id, DWORD count, void *values,
                                                   DWORD flags, DWORD size, wchar_t *buffer, DWORD *used) {
  (void)id; (void)count; (void)values;
  char key[64], template[8192];
  *used = 0;
  if (!event) return fail(ERROR_INVALID_PARAMETER);
  if (!publisher) return fail(E_PUBLISHER_NOT_FOUND);
  const char *name = flags == 2 ? "level" : flags == 3 ? "task" : flags == 4 ? "opcode" : flags == 5 ? "keywords" : "";
  const char *value = event->fields[flags == 2 ? F_LEVEL : flags == 3 ? F_TASK : flags == 4 ? F_OPCODE : flags == 5 ? F_KEYWORDS : F_EVENT];
  snprintf(key, sizeof key, flags == 1 ? "%s%s" : "%s:%s", name, value);
  if (!line_of(publisher, key, template, sizeof template)) return fail(E_MESSAGE_NOT_FOUND);
  char *text = insert_data(template, event);
  int length = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
  wchar_t *wide = calloc(length + 1, sizeof(wchar_t));
  MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, length);
  /* Keywords come as a list: texts with a zero each and one more at the end. */
  BOOL fits;
  if (flags == 5) {
    *used = length + 1;
    fits = *used <= size && buffer;
    if (fits) memcpy(buffer, wide, *used * sizeof(wchar_t));
    else SetLastError(ERROR_INSUFFICIENT_BUFFER);
  } else fits = put_text(wide, size, buffer, used);
  free(wide);
  free(text);
  return fits;
}
