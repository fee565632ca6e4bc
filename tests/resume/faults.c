// Preloaded into a program: lets the FAULT_AT-th operation on files below FAULT_FOLDER fail as FAULT says, and
// with FAULT_STAYS all after it too. FAULT: kill (the process dies just before it), torn (dies in the middle of
// a write), ENOSPC, EIO, EDQUOT, short (writes one byte), EINTR. Says on standard error when it strikes.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long count;

static int below(const char* path) {
  const char* folder = getenv("FAULT_FOLDER");
  return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}
static int handle_below(int handle) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  if (size < 0) return 0;
  path[size] = 0;
  return below(path);
}

// 0: nothing happens; 1: the call is to write one byte only; -1: it fails with errno.
static int strike(const char* call, int is_write) {
  const char *fault = getenv("FAULT"), *at = getenv("FAULT_AT");
  if (!fault || !at) return 0;
  ++count;
  if (count != atol(at) && !(getenv("FAULT_STAYS") && count > atol(at))) return 0;
  if (count == atol(at)) dprintf(2, "fault: %s at %s\n", fault, call);
  if (!strcmp(fault, "kill")) kill(getpid(), SIGKILL);
  if (!strcmp(fault, "torn") || !strcmp(fault, "short")) return is_write ? 1 : 0;
  errno = !strcmp(fault, "ENOSPC") ? ENOSPC : !strcmp(fault, "EDQUOT") ? EDQUOT : !strcmp(fault, "EINTR") ? EINTR : EIO;
  return -1;
}

ssize_t write(int handle, const void* bytes, size_t size) {
  static ssize_t (*real)(int, const void*, size_t);
  if (!real) real = (ssize_t(*)(int, const void*, size_t))dlsym(RTLD_NEXT, "write");
  if (size == 0 || !handle_below(handle)) return real(handle, bytes, size);
  const int struck = strike("write", 1);
  if (struck < 0) return -1;
  if (struck == 0) return real(handle, bytes, size);
  const ssize_t put = real(handle, bytes, size > 1 ? size / 2 : 1);
  if (!strcmp(getenv("FAULT"), "torn")) kill(getpid(), SIGKILL);
  return put;
}
int fsync(int handle) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  return handle_below(handle) && strike("fsync", 0) < 0 ? -1 : real(handle);
}
int rename(const char* from, const char* to) {
  static int (*real)(const char*, const char*);
  if (!real) real = (int (*)(const char*, const char*))dlsym(RTLD_NEXT, "rename");
  return below(to) && strike("rename", 0) < 0 ? -1 : real(from, to);
}
int open(const char* path, int flags, ...) {
  static int (*real)(const char*, int, ...);
  if (!real) real = (int (*)(const char*, int, ...))dlsym(RTLD_NEXT, "open");
  mode_t mode = 0;
  if (flags & O_CREAT) {
    va_list rest;
    va_start(rest, flags);
    mode = va_arg(rest, mode_t);
    va_end(rest);
  }
  return (flags & O_CREAT) && below(path) && strike("open", 0) < 0 ? -1 : real(path, flags, mode);
}
