/* A bad medium under a real filesystem, by LD_PRELOAD: files below MEDIUM_FOLDER answer with other bytes than were
   written (MEDIUM_LIES, part of a path), or take long to be written (MEDIUM_SLOW, milliseconds a write). */
#define _GNU_SOURCE
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

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
ssize_t read(int fd, void *buffer, size_t size) { return lie(fd, buffer, NEXT(read)(fd, buffer, size)); }
ssize_t pread(int fd, void *buffer, size_t size, off_t at) { return lie(fd, buffer, NEXT(pread)(fd, buffer, size, at)); }
ssize_t pread64(int fd, void *buffer, size_t size, off64_t at) {
  return lie(fd, buffer, NEXT(pread64)(fd, buffer, size, at));
}
ssize_t pwrite(int fd, const void *buffer, size_t size, off_t at) { dawdle(fd); return NEXT(pwrite)(fd, buffer, size, at); }
ssize_t pwrite64(int fd, const void *buffer, size_t size, off64_t at) {
  dawdle(fd);
  return NEXT(pwrite64)(fd, buffer, size, at);
}
