// Firmware for an Arduino Uno (ATmega328P, 16 MHz): Firmata, and spikes made on the board.
#include "encoder.h"
#include "firmata.h"
#include "pins.h"
#include "serial.h"
#include <avr/interrupt.h>
#include <avr/sleep.h>

/** Until an interrupt: of the line, of the sampling timer, or of the clock within a millisecond. */
static void rest(void) {
  cli();
  if (serial_available() || encoder_is_due()) {
    sei();
  } else {
    sleep_enable();
    // The instruction behind it is done before any interrupt.
    sei();
    sleep_cpu();
    sleep_disable();
  }
}

int main(void) {
  serial_begin(SERIAL_57600);
  pins_begin();
  sei();
  firmata_begin();
  set_sleep_mode(SLEEP_MODE_IDLE);
  for (;;) {
    while (serial_available()) firmata_take(serial_read());
    encoder_run();
    firmata_report();
    rest();
  }
}
