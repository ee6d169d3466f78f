/* Output of an AVR by its serial line, which simavr prints; it ends where the processor sleeps for ever. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include "board.h"

static void put(char c) {
  while (!(UCSR0A & (1 << UDRE0))) continue;
  UDR0 = c;
}

void say(const char *word, const void *numbers, int count) {
  const uint32_t *number = numbers;
  for (int n = 0; n < count; n++, number++) {
    if (n % 4 == 0) {
      if (n > 0) put('\n');
      for (const char *c = word; *c != 0; c++) put(*c);
    }
    put(' ');
    for (int shift = 28; shift >= 0; shift -= 4) {
      const char digit = *number >> shift & 15;
      put(digit < 10 ? '0' + digit : 'a' - 10 + digit);
    }
  }
  put('\n');
}

int main(void) {
  UCSR0B = 1 << TXEN0;
  program();
  cli();
  sleep_mode();
}
