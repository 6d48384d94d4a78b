// Clients that keep their connections. Closed loop: each of -c clients asks again once it has its
// answer. Open loop (-r): requests are due at a rate, and one that finds all clients busy is late,
// not left out: its time counts from when it was due. Stops after -n requests or -s seconds, then
// waits for what runs. Prints one line of JSON. The bodies (-b FILE, several) and further headers
// (-H FILE, a line each) are the caller's.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "answer-reader.h"
#include "clock.h"
#include "measures.h"

#define READ_BYTES (256 * 1024)
#define MOST_BODIES 64
#define MOST_READY 256
#define HEAD_ROOM 16384
/** What runs at the end has this long to finish. */
#define GRACE_NANOS (20 * NANOS_PER_SECOND)
/** With more faults than this there is nothing to measure. */
#define MOST_FAULTS 1000
#define TICK_MILLIS 100

struct request {
  char *bytes;
  size_t length;
};

struct client {
  int fd;
  bool busy;
  bool has_answer;
  int64_t began_nanos;
  const struct request *request;
  size_t sent;
  struct answer_reader reader;
};

static struct options {
  int port;
  const char *path;
  size_t clients;
  uint64_t requests;
  double seconds;
  double rate;
  const char *bodies[MOST_BODIES];
  size_t body_count;
  char headers[HEAD_ROOM / 2];
} options = {.port = 80, .path = "/v1/chat/completions", .clients = 1, .requests = UINT64_MAX,
             .seconds = 10};

static int poller, timer;
static struct request requests[MOST_BODIES];
static struct client *clients;
static struct client **idle;
static size_t idle_count;
static uint64_t started, finished, faults, statuses[600], bytes_read, texts;
static int64_t begin_nanos, last_nanos, arrival_nanos;
static struct measures latencies, first_bytes, event_delays;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/** The head that the SDKs of the field send. */
static void make_request(struct request *request, const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) fail(path);
  fseek(file, 0, SEEK_END);
  size_t length = (size_t)ftell(file);
  rewind(file);
  request->bytes = malloc(HEAD_ROOM + length);
  size_t head = (size_t)snprintf(
      request->bytes, HEAD_ROOM,
      "POST %s HTTP/1.1\r\n"
      "host: 127.0.0.1:%d\r\n"
      "connection: keep-alive\r\n"
      "accept: application/json\r\n"
      "content-type: application/json\r\n"
      "user-agent: OpenAI/JS 7.57.0\r\n"
      "x-stainless-retry-count: 0\r\n"
      "x-stainless-lang: js\r\n"
      "x-stainless-package-version: 7.57.0\r\n"
      "x-stainless-os: Linux\r\n"
      "x-stainless-arch: x64\r\n"
      "x-stainless-runtime: node\r\n"
      "x-stainless-runtime-version: v24.11.0\r\n"
      "%s"
      "accept-language: *\r\n"
      "sec-fetch-mode: cors\r\n"
      "accept-encoding: gzip, deflate\r\n"
      "content-length: %zu\r\n\r\n",
      options.path, options.port, options.headers, length);
  if (fread(request->bytes + head, 1, length, file) != length) fail(path);
  request->length = head + length;
  fclose(file);
}

static void watch(struct client *client, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = client};
  epoll_ctl(poller, operation, client->fd, &event);
}

static void connect_client(struct client *client) {
  client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (client->fd < 0) fail("socket");
  int on = 1;
  setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct sockaddr_in address = {
      .sin_family = AF_INET,
      .sin_port = htons((uint16_t)options.port),
      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
  };
  int failed = connect(client->fd, (struct sockaddr *)&address, sizeof address);
  if (failed < 0 && errno != EINPROGRESS) fail("connect");
  watch(client, EPOLL_CTL_ADD, EPOLLIN);
}

static void send_request(struct client *client) {
  const struct request *request = client->request;
  while (client->sent < request->length) {
    ssize_t sent = send(client->fd, request->bytes + client->sent, request->length - client->sent,
                        MSG_NOSIGNAL);
    if (sent < 0) {
      // Also while it connects; a connection that broke is noticed by reading.
      watch(client, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
      return;
    }
    client->sent += (size_t)sent;
  }
}

static void note_stamp(int64_t stamp) {
  texts++;
  if (stamp > 0) add_measure(&event_delays, arrival_nanos - stamp);
}

static void start_request(struct client *client, int64_t due_nanos) {
  client->busy = true;
  client->has_answer = false;
  client->began_nanos = due_nanos;
  client->request = &requests[started++ % options.body_count];
  client->sent = 0;
  begin_answer(&client->reader, note_stamp);
  send_request(client);
}

static bool may_start(void) {
  if (started >= options.requests || faults > MOST_FAULTS) return false;
  return (double)(now_nanos() - begin_nanos) < options.seconds * 1e9;
}

static int64_t due_of(uint64_t number) {
  return begin_nanos + (int64_t)((double)number * 1e9 / options.rate);
}

/** Starts what is due while clients are free, and sets the timer for what comes next. */
static void start_due(void) {
  while (idle_count > 0 && may_start() && due_of(started) <= now_nanos()) {
    start_request(idle[--idle_count], due_of(started));
  }
  if (idle_count == 0 || !may_start()) return;
  int64_t due = due_of(started);
  struct itimerspec at = {.it_value = {due / NANOS_PER_SECOND, due % NANOS_PER_SECOND}};
  timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
}

static void go_on(struct client *client) {
  client->busy = false;
  if (options.rate > 0) {
    idle[idle_count++] = client;
    start_due();
  } else if (may_start()) {
    start_request(client, now_nanos());
  }
}

static void reconnect(struct client *client) {
  close(client->fd);
  connect_client(client);
}

static void note_answer(struct client *client) {
  const struct answer_reader *reader = &client->reader;
  if (statuses[reader->status % 600]++ == 0 && reader->status != 200) {
    fprintf(stderr, "status %d: %s\n", reader->status, reader->sample);
  }
  finished++;
  bytes_read += reader->body_bytes;
  last_nanos = arrival_nanos;
  add_measure(&latencies, arrival_nanos - client->began_nanos);
}

static void take_bytes(struct client *client, const char *bytes, size_t length) {
  if (!client->has_answer) {
    client->has_answer = true;
    add_measure(&first_bytes, arrival_nanos - client->began_nanos);
  }
  read_answer(&client->reader, bytes, length);
}

static void read_client(struct client *client) {
  static char buffer[READ_BYTES];
  ssize_t got = recv(client->fd, buffer, sizeof buffer, 0);
  if (got < 0 && errno == EAGAIN) return;
  arrival_nanos = now_nanos();
  bool is_over = got <= 0;
  if (!client->busy) {
    // A connection that rests may be closed.
    reconnect(client);
    return;
  }
  if (is_over) end_answer(&client->reader);
  else take_bytes(client, buffer, (size_t)got);
  if (client->reader.state < READ_DONE) return;
  if (client->reader.state == READ_DONE) note_answer(client);
  else faults++;
  if (is_over || client->reader.closes || client->reader.state == READ_FAILED) reconnect(client);
  go_on(client);
}

static void serve(struct client *client, uint32_t events) {
  if ((events & EPOLLOUT) != 0) {
    watch(client, EPOLL_CTL_MOD, EPOLLIN);
    if (client->busy) send_request(client);
  }
  if ((events & ~(uint32_t)EPOLLOUT) != 0) read_client(client);
}

static void begin(void) {
  poller = epoll_create1(0);
  timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(poller, EPOLL_CTL_ADD, timer, &event);
  clients = calloc(options.clients, sizeof *clients);
  idle = calloc(options.clients, sizeof *idle);
  begin_nanos = last_nanos = now_nanos();
  for (size_t i = 0; i < options.clients; i++) {
    connect_client(&clients[i]);
    if (options.rate > 0) idle[idle_count++] = &clients[i];
    else if (may_start()) start_request(&clients[i], now_nanos());
  }
  if (options.rate > 0) start_due();
}

static void run(void) {
  struct epoll_event ready[MOST_READY];
  int64_t end = begin_nanos + (int64_t)(options.seconds * 1e9) + GRACE_NANOS;
  while ((may_start() || finished + faults < started) && now_nanos() < end) {
    int found = epoll_wait(poller, ready, MOST_READY, TICK_MILLIS);
    for (int i = 0; i < found; i++) {
      if (ready[i].data.ptr != NULL) {
        serve(ready[i].data.ptr, ready[i].events);
        continue;
      }
      uint64_t ticks;
      if (read(timer, &ticks, sizeof ticks) > 0) start_due();
    }
  }
}

static void report(void) {
  printf("{\"requests\":%llu,\"faults\":%llu,\"unfinished\":%llu,\"seconds\":%.4f,\"statuses\":{",
         (unsigned long long)finished, (unsigned long long)faults,
         (unsigned long long)(started - finished - faults),
         (double)(last_nanos - begin_nanos) / 1e9);
  const char *comma = "";
  for (int i = 0; i < 600; i++) {
    if (statuses[i] == 0) continue;
    printf("%s\"%d\":%llu", comma, i, (unsigned long long)statuses[i]);
    comma = ",";
  }
  printf("},\"bytes\":%llu,\"texts\":%llu,", (unsigned long long)bytes_read,
         (unsigned long long)texts);
  print_measures("latencyMicros", &latencies);
  printf(",");
  print_measures("firstByteMicros", &first_bytes);
  printf(",");
  print_measures("eventDelayMicros", &event_delays);
  printf("}\n");
}

/** They may hold a key, which must not stand among the arguments. */
static void read_headers(const char *path) {
  FILE *file = fopen(path, "r");
  if (file == NULL) fail(path);
  char line[4096];
  size_t used = 0;
  while (fgets(line, sizeof line, file) != NULL) {
    line[strcspn(line, "\r\n")] = '\0';
    if (line[0] == '\0') continue;
    size_t room = sizeof options.headers - used;
    int length = snprintf(options.headers + used, room, "%s\r\n", line);
    if ((size_t)length >= room) exit(2);
    used += (size_t)length;
  }
  fclose(file);
}

static void read_options(int count, char **arguments) {
  int option;
  while ((option = getopt(count, arguments, "p:P:b:c:n:s:r:H:")) != -1) {
    if (option == 'p') options.port = atoi(optarg);
    else if (option == 'P') options.path = optarg;
    else if (option == 'c') options.clients = strtoul(optarg, NULL, 10);
    else if (option == 'n') options.requests = strtoull(optarg, NULL, 10);
    else if (option == 's') options.seconds = atof(optarg);
    else if (option == 'r') options.rate = atof(optarg);
    else if (option == 'H') read_headers(optarg);
    else if (option == 'b' && options.body_count < MOST_BODIES) {
      options.bodies[options.body_count++] = optarg;
    } else exit(2);
  }
  if (options.body_count == 0) exit(2);
}

int main(int count, char **arguments) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  read_options(count, arguments);
  for (size_t i = 0; i < options.body_count; i++) make_request(&requests[i], options.bodies[i]);
  begin();
  run();
  report();
  return 0;
}
