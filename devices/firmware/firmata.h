// Firmata, the protocol that programs for boards speak: what johnny-five needs of it. Numbers have seven bits a byte.
#pragma once
#include <stdint.h>

enum { SYSEX = 0xF0, SYSEX_END = 0xF7 };

/** Says which protocol and firmware this is, as a board does when it starts. */
void firmata_begin(void);
/** Takes a byte of the line. Whatever comes, the next message that is whole is understood. */
void firmata_take(uint8_t byte);
/** Sends what is due of the pins that are reported. */
void firmata_report(void);
/** Messages and bytes that were none: cut off, too long, of nobody; ends at 65,535. */
uint16_t firmata_broken(void);
/** Counts one more of them. */
void firmata_count_broken(void);
