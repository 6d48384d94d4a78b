// The processor time of process trees: `cpu-time PID...` prints one line of JSON, for each process
// {"pid","root","name","nanos"}. A process's own clock is exact and includes its ended threads; of
// children that have ended (in ticks of 10 ms, but kept exactly) the parent knows the sum.

#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MOST_PROCESSES 4096

struct process {
  int pid, parent, root;
  char name[64];
  uint64_t ended_ticks;
};

static struct process processes[MOST_PROCESSES];
static size_t process_count;

/** See proc(5), /proc/pid/stat: the name is in parentheses and may hold any character. */
static bool read_stat(int pid, struct process *process) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  FILE *file = fopen(path, "r");
  if (file == NULL) return false;
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = '\0';
  char *open = strchr(text, '('), *close = strrchr(text, ')');
  if (open == NULL || close == NULL) return false;
  *close = '\0';
  snprintf(process->name, sizeof process->name, "%s", open + 1);
  long user = 0, system = 0;
  int found = sscanf(close + 2, "%*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %ld %ld",
                     &process->parent, &user, &system);
  process->pid = pid;
  process->root = 0;
  process->ended_ticks = (uint64_t)(user + system);
  return found == 3;
}

static void list_processes(void) {
  DIR *folder = opendir("/proc");
  if (folder == NULL) exit(1);
  const struct dirent *entry;
  while ((entry = readdir(folder)) != NULL && process_count < MOST_PROCESSES) {
    if (!isdigit((unsigned char)entry->d_name[0])) continue;
    if (read_stat(atoi(entry->d_name), &processes[process_count])) process_count++;
  }
  closedir(folder);
}

static void spread_root(int parent, int root) {
  for (size_t i = 0; i < process_count; i++) {
    if (processes[i].parent != parent || processes[i].root != 0) continue;
    processes[i].root = root;
    spread_root(processes[i].pid, root);
  }
}

static void mark_tree(int pid) {
  for (size_t i = 0; i < process_count; i++) {
    if (processes[i].pid != pid || processes[i].root != 0) continue;
    processes[i].root = pid;
    spread_root(pid, pid);
  }
}

/** 0 for a process that has just ended: its parent has its time. */
static uint64_t nanos_of(int pid) {
  clockid_t clock;
  struct timespec time;
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

int main(int count, char **arguments) {
  list_processes();
  for (int i = 1; i < count; i++) mark_tree(atoi(arguments[i]));
  uint64_t tick_nanos = 1000000000u / (uint64_t)sysconf(_SC_CLK_TCK);
  const char *comma = "";
  printf("[");
  for (size_t i = 0; i < process_count; i++) {
    const struct process *process = &processes[i];
    if (process->root == 0) continue;
    uint64_t nanos = nanos_of(process->pid) + process->ended_ticks * tick_nanos;
    printf("%s{\"pid\":%d,\"root\":%d,\"name\":\"%s\",\"nanos\":%llu}", comma, process->pid,
           process->root, process->name, (unsigned long long)nanos);
    comma = ",";
  }
  printf("]\n");
  return 0;
}
