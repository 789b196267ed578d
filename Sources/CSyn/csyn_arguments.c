#include "csyn.h"

// The one state of the shim: Swift reads a program's arguments from /proc, which may not be mounted, while glibc hands
// them to every constructor.
static int count;
static char **vector;

__attribute__((constructor)) static void keep(int argc, char **argv) {
  count = argc;
  vector = argv;
}

const char *csyn_argument(int index) { return index >= 0 && index < count ? vector[index] : 0; }
