// Preloaded into a server that lets the kernel choose its port on the loopback address: it gets the
// port that FIXED_PORT names instead. One comparison when a socket is bound, nothing after that.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

int bind(int fd, const struct sockaddr *address, socklen_t length) {
  int (*next)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "bind");
  const char *wanted = getenv("FIXED_PORT");
  if (wanted == NULL || address->sa_family != AF_INET) return next(fd, address, length);
  struct sockaddr_in fixed = *(const struct sockaddr_in *)address;
  if (fixed.sin_port == 0) fixed.sin_port = htons((unsigned short)atoi(wanted));
  return next(fd, (const struct sockaddr *)&fixed, sizeof fixed);
}
