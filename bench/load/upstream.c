// A provider's stand-in that costs next to nothing: one thread, one epoll. What it answers is
// chosen by a mark in the request's body, `answer=json`, `answer=canned` or
// `answer=paced:EVENTS:MILLIS`, and by the path, /v1/messages or any other. Usage: upstream [PORT];
// prints `port NUMBER` when it serves.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answers.h"
#include "chunks.h"
#include "clock.h"

#define READ_BYTES (256 * 1024)
/** The head of a request, then the beginning of its body, where the mark is looked for. */
#define KEPT_BYTES (32 * 1024)
#define MOST_STREAMS 65536
#define MOST_READY 256

struct connection {
  int fd;
  enum { IN_HEAD, IN_BODY, IN_STREAM } state;
  enum protocol protocol;
  char kept[KEPT_BYTES + 1];
  size_t kept_length;
  size_t body_left;
  bool is_chunked;
  struct chunk_reader chunks;
  char *unsent;
  size_t unsent_length;
  int events_left;
  int64_t gap_nanos;
  int64_t next_nanos;
  size_t stream_index;
};

static int poller;
static struct answers answers[PROTOCOLS];
static struct connection *streams[MOST_STREAMS];
static size_t stream_count;

static void watch(struct connection *connection, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = connection};
  epoll_ctl(poller, operation, connection->fd, &event);
}

static void leave_streams(struct connection *connection) {
  struct connection *last = streams[--stream_count];
  streams[connection->stream_index] = last;
  last->stream_index = connection->stream_index;
}

static void close_connection(struct connection *connection) {
  if (connection->state == IN_STREAM) leave_streams(connection);
  close(connection->fd);
  free(connection->unsent);
  free(connection);
}

static void keep_unsent(struct connection *connection, const char *bytes, size_t length) {
  size_t total = connection->unsent_length + length;
  connection->unsent = realloc(connection->unsent, total);
  if (connection->unsent == NULL) abort();
  memcpy(connection->unsent + connection->unsent_length, bytes, length);
  connection->unsent_length = total;
  watch(connection, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
}

/** Whether the connection still stands. */
static bool send_bytes(struct connection *connection, const char *bytes, size_t length) {
  if (connection->unsent_length == 0) {
    ssize_t sent = send(connection->fd, bytes, length, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return false;
    if (sent > 0) bytes += sent, length -= (size_t)sent;
  }
  if (length > 0) keep_unsent(connection, bytes, length);
  return true;
}

static bool send_text(struct connection *connection, const struct text *text) {
  return send_bytes(connection, text->bytes, text->length);
}

static bool send_unsent(struct connection *connection) {
  size_t length = connection->unsent_length;
  ssize_t sent = send(connection->fd, connection->unsent, length, MSG_NOSIGNAL);
  if (sent < 0) return errno == EAGAIN;
  connection->unsent_length -= (size_t)sent;
  memmove(connection->unsent, connection->unsent + sent, connection->unsent_length);
  if (connection->unsent_length == 0) watch(connection, EPOLL_CTL_MOD, EPOLLIN);
  return true;
}

static bool begin_stream(struct connection *connection, const char *parameters) {
  int events = 50, millis = 5;
  sscanf(parameters, ":%d:%d", &events, &millis);
  if (stream_count == MOST_STREAMS) return false;
  connection->state = IN_STREAM;
  connection->events_left = events;
  connection->gap_nanos = millis * NANOS_PER_MILLI;
  connection->next_nanos = now_nanos() + connection->gap_nanos;
  connection->stream_index = stream_count;
  streams[stream_count++] = connection;
  return send_text(connection, &answers[connection->protocol].opening);
}

static bool answer(struct connection *connection) {
  const struct answers *texts = &answers[connection->protocol];
  connection->kept[connection->kept_length] = '\0';
  const char *mark = strstr(connection->kept, "answer=");
  connection->kept_length = 0;
  connection->state = IN_HEAD;
  if (mark == NULL || strncmp(mark, "answer=json", 11) == 0) {
    return send_text(connection, &texts->json);
  }
  if (strncmp(mark, "answer=canned", 13) == 0) return send_text(connection, &texts->canned);
  return begin_stream(connection, mark + strlen("answer=paced"));
}

static void keep(void *owner, const char *bytes, size_t length) {
  struct connection *connection = owner;
  size_t room = KEPT_BYTES - connection->kept_length;
  if (length > room) length = room;
  memcpy(connection->kept + connection->kept_length, bytes, length);
  connection->kept_length += length;
}

/** Reads the head that is kept and forgets it. */
static void read_head(struct connection *connection) {
  char *head = connection->kept;
  const char *line_end = strstr(head, "\r\n");
  const char *messages = strstr(head, "/messages");
  const char *length = strcasestr(head, "\r\ncontent-length:");
  connection->protocol = messages != NULL && messages < line_end ? MESSAGES : CHAT;
  connection->is_chunked = strcasestr(head, "\r\ntransfer-encoding: chunked") != NULL;
  connection->body_left = length == NULL ? 0 : strtoul(length + 17, NULL, 10);
  begin_chunks(&connection->chunks);
  connection->state = IN_BODY;
  connection->kept_length = 0;
}

/** Returns how many bytes belonged to the head. */
static size_t take_head(struct connection *connection, const char *bytes, size_t length) {
  size_t before = connection->kept_length;
  keep(connection, bytes, length);
  connection->kept[connection->kept_length] = '\0';
  char *end = strstr(connection->kept, "\r\n\r\n");
  if (end == NULL) return length;
  // The body's beginning is kept anew, apart from the head.
  end[2] = '\0';
  size_t used = (size_t)(end + 4 - connection->kept) - before;
  read_head(connection);
  return used;
}

static size_t take_body(struct connection *connection, const char *bytes, size_t length) {
  if (connection->is_chunked) {
    return read_chunks(&connection->chunks, bytes, length, keep, connection);
  }
  if (length > connection->body_left) length = connection->body_left;
  keep(connection, bytes, length);
  connection->body_left -= length;
  return length;
}

static bool is_complete(const struct connection *connection) {
  if (connection->state != IN_BODY) return false;
  return connection->is_chunked ? connection->chunks.state == CHUNKS_DONE
                                : connection->body_left == 0;
}

static bool take_bytes(struct connection *connection, const char *bytes, size_t length) {
  while (length > 0) {
    if (connection->state == IN_STREAM) return false;
    size_t used = connection->state == IN_HEAD ? take_head(connection, bytes, length)
                                               : take_body(connection, bytes, length);
    bytes += used;
    length -= used;
    if (is_complete(connection) && !answer(connection)) return false;
  }
  return true;
}

static bool read_connection(struct connection *connection) {
  static char buffer[READ_BYTES];
  ssize_t got = recv(connection->fd, buffer, sizeof buffer, 0);
  if (got < 0) return errno == EAGAIN;
  return got > 0 && take_bytes(connection, buffer, (size_t)got);
}

static void accept_connections(int listener) {
  int fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) abort();
    connection->fd = fd;
    watch(connection, EPOLL_CTL_ADD, EPOLLIN);
  }
}

static bool send_next_event(struct connection *connection) {
  if (connection->events_left-- == 0) {
    leave_streams(connection);
    connection->state = IN_HEAD;
    return send_text(connection, &answers[connection->protocol].closing);
  }
  char event[EVENT_BYTES];
  connection->next_nanos += connection->gap_nanos;
  size_t length = write_text_event(event, connection->protocol, now_nanos());
  return send_bytes(connection, event, length);
}

static void send_due_events(void) {
  int64_t now = now_nanos();
  // Backwards, because a stream that ends is replaced by the last one.
  for (size_t i = stream_count; i-- > 0;) {
    struct connection *connection = streams[i];
    if (connection->next_nanos > now) continue;
    if (!send_next_event(connection)) close_connection(connection);
  }
}

/** Milliseconds, rounded up, so that events that are due close together leave together. */
static int wait_millis(void) {
  if (stream_count == 0) return -1;
  int64_t next = streams[0]->next_nanos;
  for (size_t i = 1; i < stream_count; i++) {
    if (streams[i]->next_nanos < next) next = streams[i]->next_nanos;
  }
  int64_t wait = next - now_nanos();
  return wait <= 0 ? 0 : (int)((wait + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
}

static int listen_on(int port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {
      .sin_family = AF_INET,
      .sin_port = htons((uint16_t)port),
      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
  };
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 4096) < 0 ||
      getsockname(listener, (struct sockaddr *)&address, &size) < 0) {
    perror("upstream");
    exit(1);
  }
  printf("port %d\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

static void serve(struct connection *connection, uint32_t events) {
  bool stands = true;
  if ((events & EPOLLOUT) != 0) stands = send_unsent(connection);
  if (stands && (events & ~(uint32_t)EPOLLOUT) != 0) stands = read_connection(connection);
  if (!stands) close_connection(connection);
}

int main(int count, char **arguments) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (int i = 0; i < PROTOCOLS; i++) answers[i] = make_answers((enum protocol)i);
  poller = epoll_create1(0);
  int listener = listen_on(count > 1 ? atoi(arguments[1]) : 0);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
  struct epoll_event ready[MOST_READY];
  for (;;) {
    int found = epoll_wait(poller, ready, MOST_READY, wait_millis());
    for (int i = 0; i < found; i++) {
      if (ready[i].data.ptr == NULL) accept_connections(listener);
      else serve(ready[i].data.ptr, ready[i].events);
    }
    send_due_events();
  }
}
