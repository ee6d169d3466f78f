/* The same by the one call of the C header, which takes readings as numbers of 64 bits. */
#include "net.h"
#include "board.h"

extern const uint8_t *image;
extern int answer;
static net_classifier c;

void infer(void) {
  static double reading[NET_NUMBERS];
  for (int n = 0; n < NET_NUMBERS; n++) reading[n] = image[n];
  answer = net_classify(&c, reading);
}

__attribute__((section(".text.harness"))) void inferred(void) {
  say("hidden", c.net.v_2, 64);
  say("readout", c.net.v_4, 10);
}
