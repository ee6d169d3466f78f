// The serial line: what comes and goes waits in rings that interrupts fill and empty.
#pragma once
#include <stdbool.h>
#include <stdint.h>

/** Line rates by number: by the divisors of 16 MHz the first two are 0.8 and 2.1 % off, the others exact. */
enum { SERIAL_57600, SERIAL_115200, SERIAL_250000, SERIAL_500000, SERIAL_RATES };

void serial_begin(uint8_t rate);
/** Waits until the last byte that was written has gone out. */
void serial_finish(void);

bool serial_available(void);
/** The next byte that came; only where one is available. */
uint8_t serial_read(void);

/** Bytes that can be written without waiting. */
uint8_t serial_room(void);
/** Waits where there is no room, for a byte at most as long as the line takes for it. */
void serial_write(uint8_t byte);
/** A number of 14 bits, the low seven first, as Firmata has all numbers. */
void serial_write14(uint16_t value);

/** Bytes that came and found no room; ends at 65,535. */
uint16_t serial_lost(void);
