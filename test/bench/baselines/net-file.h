/* The file with a net that a program gets as its argument. */
#include <stdio.h>
#include <stdlib.h>

static FILE *open_net(int argc, char **argv) {
  FILE *file = argc > 1 ? fopen(argv[1], "rb") : NULL;
  if (file == NULL) {
    fprintf(stderr, "%s: expected a net\n", argv[0]);
    exit(2);
  }
  return file;
}

/** The next bytes of it, with room behind them for the last vector that is read. */
static void *load(FILE *file, size_t bytes) {
  void *data = malloc(bytes + 64);
  if (data == NULL || fread(data, 1, bytes, file) != bytes) {
    fprintf(stderr, "the net is shorter than it says\n");
    exit(1);
  }
  return data;
}
