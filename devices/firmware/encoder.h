// The extension: analog inputs are sampled by a timer and sent when they change, or as spikes. README.md has its
// messages.
#pragma once
#include <stdbool.h>
#include <stdint.h>

/** The system exclusive message of the extension, of those that Firmata leaves to users. */
enum { ENCODER = 0x01 };

/** Takes a message of the extension: what stands between the first byte and the end. */
void encoder_take(const uint8_t *message, uint8_t length);
/** Whether a sample is due. */
bool encoder_is_due(void);
/** Samples where it is time, and sends what is due. */
void encoder_run(void);
void encoder_stop(void);
