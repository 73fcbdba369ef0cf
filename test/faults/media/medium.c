/* A bad medium under a real filesystem, by LD_PRELOAD: files below MEDIUM_FOLDER answer with other bytes than were
   written (MEDIUM_LIES, part of a path), take long to be written (MEDIUM_SLOW, milliseconds a write) or to be read
   (MEDIUM_SLOW_READS), or do not answer a read or a question for what is in a folder (MEDIUM_HANGS, part of a path) before there is a file
   MEDIUM_ANSWERS. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int is_below(int fd, const char *part) {
  const char *folder = getenv("MEDIUM_FOLDER");
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0 || !folder || !part) return 0;
  path[length] = 0;
  return strncmp(path, folder, strlen(folder)) == 0 && strstr(path, part);
}

static ssize_t lie(int fd, void *buffer, ssize_t got) {
  if (got > 100 && is_below(fd, getenv("MEDIUM_LIES"))) ((char *)buffer)[got / 2] ^= 1;
  return got;
}

static void dawdle(int fd) {
  const char *milliseconds = getenv("MEDIUM_SLOW");
  if (milliseconds && is_below(fd, "/")) usleep(atoi(milliseconds) * 1000);
}

/* Until there is a file MEDIUM_ANSWERS. */
static void hang(void) {
  const char *answers = getenv("MEDIUM_ANSWERS");
  while (!answers || access(answers, F_OK) != 0) usleep(20000);
}

static void read_slowly(int fd) {
  const char *milliseconds = getenv("MEDIUM_SLOW_READS");
  if (milliseconds && is_below(fd, "/")) usleep(atoi(milliseconds) * 1000);
  if (is_below(fd, getenv("MEDIUM_HANGS"))) hang();
}

static void list_never(const char *path) {
  const char *folder = getenv("MEDIUM_FOLDER"), *part = getenv("MEDIUM_HANGS");
  if (folder && part && strncmp(path, folder, strlen(folder)) == 0 && strstr(path, part)) hang();
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
int scandir(const char *path, struct dirent ***names, int (*filter)(const struct dirent *),
            int (*order)(const struct dirent **, const struct dirent **)) {
  list_never(path);
  return NEXT(scandir)(path, names, filter, order);
}
int scandir64(const char *path, struct dirent64 ***names, int (*filter)(const struct dirent64 *),
              int (*order)(const struct dirent64 **, const struct dirent64 **)) {
  list_never(path);
  return NEXT(scandir64)(path, names, filter, order);
}
ssize_t read(int fd, void *buffer, size_t size) { return lie(fd, buffer, NEXT(read)(fd, buffer, size)); }
ssize_t pread(int fd, void *buffer, size_t size, off_t at) {
  read_slowly(fd);
  return lie(fd, buffer, NEXT(pread)(fd, buffer, size, at));
}
ssize_t pread64(int fd, void *buffer, size_t size, off64_t at) {
  read_slowly(fd);
  return lie(fd, buffer, NEXT(pread64)(fd, buffer, size, at));
}
ssize_t pwrite(int fd, const void *buffer, size_t size, off_t at) { dawdle(fd); return NEXT(pwrite)(fd, buffer, size, at); }
ssize_t pwrite64(int fd, const void *buffer, size_t size, off64_t at) {
  dawdle(fd);
  return NEXT(pwrite64)(fd, buffer, size, at);
}
