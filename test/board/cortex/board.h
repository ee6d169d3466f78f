/* What a program for a Cortex-M in QEMU has instead of a C library. It is the program's `program` that runs. */
#include <stdint.h>

void program(void);

/* A line on the standard output: a word, and numbers of 32 bits in hexadecimal. */
void say(const char *word, const void *numbers, int count);

/* Ends QEMU with a status that is not 0. */
void fail(const char *why) __attribute__((noreturn));

typedef struct {
  /* Of the clock of SysTick while `run` ran, without the call itself. */
  uint32_t ticks;
  /* Bytes of the stack that it used, at least 32. */
  uint32_t stack;
} measured;

measured measure(void (*run)(void));
