/* Start of a Cortex-M, output by semihosting (Arm, "Semihosting for AArch32 and AArch64", operations SYS_WRITE0 and
   SYS_EXIT), and measurements by the timer SysTick (Armv6-M and Armv7-M Architecture Reference Manuals, B3.3). */
#include "board.h"

extern uint32_t stack_top[], data_from[], data_begin[], data_end[], bss_begin[], bss_end[];

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define CPACR REGISTER(0xE000ED88)
#define SYST_CSR REGISTER(0xE000E010)
#define SYST_RVR REGISTER(0xE000E014)
#define SYST_CVR REGISTER(0xE000E018)

enum { SYS_WRITE0 = 0x04, SYS_EXIT = 0x18, STOPPED_EXIT = 0x20026, STOPPED_ERROR = 0x20023 };

static void semihost(uint32_t operation, uint32_t parameter) {
  register uint32_t r0 __asm__("r0") = operation;
  register uint32_t r1 __asm__("r1") = parameter;
  __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
}

static void write(const char *text) { semihost(SYS_WRITE0, (uint32_t)(uintptr_t)text); }

void fail(const char *why) {
  write(why);
  write("\n");
  semihost(SYS_EXIT, STOPPED_ERROR);
  for (;;) continue;
}

static void fault(void) { fail("the processor met a fault"); }

void reset(void) {
#ifdef __ARM_FP
  CPACR |= 0xFu << 20;
  __asm__ volatile("dsb\n\tisb");
#endif
  const uint32_t *from = data_from;
  for (volatile uint32_t *to = data_begin; to < data_end; to++) *to = *from++;
  for (volatile uint32_t *to = bss_begin; to < bss_end; to++) *to = 0;
  program();
  semihost(SYS_EXIT, STOPPED_EXIT);
  for (;;) continue;
}

__attribute__((section(".vectors"), used)) static const void *const vectors[] = {
  stack_top, (const void *)reset, (const void *)fault, (const void *)fault, (const void *)fault,
  (const void *)fault, (const void *)fault,
};

void say(const char *word, const void *numbers, int count) {
  static char line[16 + 9 * 64];
  const uint32_t *number = numbers;
  do {
    char *end = line;
    for (const char *c = word; *c != 0; c++) *end++ = *c;
    /* A long row is several lines of the same word. */
    for (int n = 0; n < 64 && count > 0; n++, count--, number++) {
      *end++ = ' ';
      for (int shift = 28; shift >= 0; shift -= 4) *end++ = "0123456789abcdef"[*number >> shift & 15];
    }
    *end++ = '\n';
    *end = 0;
    write(line);
  } while (count > 0);
}

/* Painting takes at most 8 words of the stack itself. */
enum { PAINT = 0x5AFE57AC, MOST_PAINTED = 2048, OWN = 8, MOST_TICKS = 0xFFFFFF, COUNTED_TO_ZERO = 1 << 16 };

/* Fills what the stack has left, or 8 KiB of it; gives the lowest filled word. */
__attribute__((noinline)) static volatile uint32_t *paint(volatile uint32_t *top) {
  volatile uint32_t *lowest = top - bss_end > MOST_PAINTED ? top - MOST_PAINTED : bss_end;
  for (volatile uint32_t *word = lowest; word < top; word++) *word = PAINT;
  return lowest;
}

__attribute__((noinline)) static uint32_t ticksOf(void (*run)(void)) {
  SYST_CSR = 0;
  SYST_RVR = MOST_TICKS;
  SYST_CVR = 0;
  SYST_CSR = 5; /* on, with the processor's clock, without an interrupt */
  const uint32_t begin = SYST_CVR;
  run();
  const uint32_t end = SYST_CVR;
  if (SYST_CSR & COUNTED_TO_ZERO) fail("the timer went around");
  return (begin - end) & MOST_TICKS;
}

__attribute__((noinline)) static uint32_t stackOf(void (*run)(void)) {
  volatile uint32_t *top;
  __asm__ volatile("mov %0, sp" : "=r"(top));
  top -= OWN;
  volatile uint32_t *lowest = paint(top);
  run();
  while (lowest < top && *lowest == PAINT) lowest++;
  top += OWN;
  return (uint32_t)(top - lowest) * 4;
}

static void nothing(void) {}

measured measure(void (*run)(void)) {
  const measured result = {.stack = stackOf(run), .ticks = ticksOf(run) - ticksOf(nothing)};
  return result;
}
