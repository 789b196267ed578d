// Accepts connections on a port of every address for as long as it lives: accepter PORT
// It keeps each until 4096 later ones have come, so that the client is the one who closes.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { KEPT = 4096 };

int main(int argc, char **argv) {
  if (argc != 2) return 64;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int one = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[1]))};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) {
    perror("accepter");
    return 71;
  }
  puts("ready");
  fflush(stdout);
  static int kept[KEPT];
  for (unsigned next = 0;; next = (next + 1) % KEPT) {
    if (kept[next]) close(kept[next]);
    kept[next] = accept(listener, NULL, NULL);
    if (kept[next] < 0) kept[next] = 0;
  }
}
