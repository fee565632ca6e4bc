// Preloaded into a program: lets the FAULT_AT-th operation on files below FAULT_FOLDER fail as FAULT says, and
// with FAULT_STAYS all after it too. FAULT: kill (the process dies just before it), torn (dies in the middle of
// a write), ENOSPC, EIO, EDQUOT, short (writes one byte), EINTR; power-data (dies, and of files whose bytes were not
// synced half is lost), power-names (dies, and new names in folders that were not synced are lost: what they
// replaced is back). Says on standard error when it strikes.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

// What a loss of power could undo: files with bytes that were not synced, and names since the folder was synced.
enum { kMost = 256 };
static ino_t dirty[kMost];
static int dirty_count;
static struct {
  char from[512], to[512], old[512];  // old: another name of what `to` was, or ""
} renamed[kMost];
static int renamed_count;

static void set_dirty(int handle, int is) {
  struct stat file;
  if (fstat(handle, &file)) return;
  int at = 0;
  while (at < dirty_count && dirty[at] != file.st_ino) ++at;
  if (at == dirty_count && is && at < kMost) dirty[dirty_count++] = file.st_ino;
  if (at < dirty_count && !is) dirty[at] = dirty[--dirty_count];
}
static void names_are_safe(void) {
  for (int i = 0; i < renamed_count; ++i)
    if (renamed[i].old[0]) unlink(renamed[i].old);
  renamed_count = 0;
}
static void remember_name(const char* from, const char* to) {
  static int number;
  if (renamed_count == kMost) return;
  snprintf(renamed[renamed_count].from, 512, "%s", from);
  snprintf(renamed[renamed_count].to, 512, "%s", to);
  snprintf(renamed[renamed_count].old, 512, "%s-lost-%d", getenv("FAULT_FOLDER"), number++);
  if (link(to, renamed[renamed_count].old)) renamed[renamed_count].old[0] = 0;
  ++renamed_count;
}
static void lose_power(const char* fault) {
  const char* folder = getenv("FAULT_FOLDER");
  int (*name)(const char*, const char*) = (int (*)(const char*, const char*))dlsym(RTLD_NEXT, "rename");
  if (!strcmp(fault, "power-names"))
    while (renamed_count-- > 0) {
      name(renamed[renamed_count].to, renamed[renamed_count].from);
      if (renamed[renamed_count].old[0]) name(renamed[renamed_count].old, renamed[renamed_count].to);
    }
  else
    names_are_safe();
  DIR* all = opendir(folder);
  for (struct dirent* entry; !strcmp(fault, "power-data") && all && (entry = readdir(all));) {
    char path[1024];
    struct stat file;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    for (int i = 0; i < dirty_count && !stat(path, &file); ++i)
      if (dirty[i] == file.st_ino && truncate(path, file.st_size / 2)) abort();
  }
  kill(getpid(), SIGKILL);
}

// 0: nothing happens; 1: the call is to write one byte only; -1: it fails with errno.
static int strike(const char* call, int is_write) {
  const char *fault = getenv("FAULT"), *at = getenv("FAULT_AT");
  if (!fault || !at) return 0;
  ++count;
  if (count != atol(at) && !(getenv("FAULT_STAYS") && count > atol(at))) return 0;
  if (count == atol(at)) dprintf(2, "fault: %s at %s\n", fault, call);
  if (!strcmp(fault, "kill")) kill(getpid(), SIGKILL);
  if (!strncmp(fault, "power", 5)) lose_power(fault);
  if (!strcmp(fault, "torn") || !strcmp(fault, "short")) return is_write ? 1 : 0;
  errno = !strcmp(fault, "ENOSPC") ? ENOSPC : !strcmp(fault, "EDQUOT") ? EDQUOT : !strcmp(fault, "EINTR") ? EINTR : EIO;
  return -1;
}

ssize_t write(int handle, const void* bytes, size_t size) {
  static ssize_t (*real)(int, const void*, size_t);
  if (!real) real = (ssize_t(*)(int, const void*, size_t))dlsym(RTLD_NEXT, "write");
  if (size == 0 || !handle_below(handle)) return real(handle, bytes, size);
  set_dirty(handle, 1);
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
  if (!handle_below(handle)) return real(handle);
  if (strike("fsync", 0) < 0) return -1;
  struct stat file;
  if (!fstat(handle, &file) && S_ISDIR(file.st_mode)) names_are_safe();
  set_dirty(handle, 0);
  return real(handle);
}
int rename(const char* from, const char* to) {
  static int (*real)(const char*, const char*);
  if (!real) real = (int (*)(const char*, const char*))dlsym(RTLD_NEXT, "rename");
  if (!below(to)) return real(from, to);
  if (strike("rename", 0) < 0) return -1;
  remember_name(from, to);
  return real(from, to);
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
