// The pins of an Arduino Uno: 0 to 13 digital, 14 to 19 (A0 to A5) analog as well.
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { PINS = 20, FIRST_ANALOG = 14, ANALOGS = 6, LED_PIN = 13, ANALOG_BITS = 10, PWM_BITS = 8 };

/** Numbers of the protocol. */
enum { MODE_INPUT = 0, MODE_OUTPUT = 1, MODE_ANALOG = 2, MODE_PWM = 3, MODE_PULLUP = 11 };

/** Timers and the converter; all pins that are not the line's begin as inputs. */
void pins_begin(void);

/** Whether a pin can be used so. Timer 1 is the encoder's, so that pins 9 and 10 have no PWM. */
bool pin_can(uint8_t pin, uint8_t mode);
/** Nothing happens where the pin cannot. */
void pin_set_mode(uint8_t pin, uint8_t mode);
uint8_t pin_mode(uint8_t pin);

bool pin_read(uint8_t pin);
/** Level of an output; of an input nothing happens. */
void pin_write(uint8_t pin, bool high);
/** Share of the time that a PWM pin is high, in 1/255; of others nothing happens. */
void pin_write_pwm(uint8_t pin, uint8_t share);
/** What was last written: a level, or a share. */
uint8_t pin_written(uint8_t pin);

/** 0 to 1023 of the supply voltage; takes 104 µs. */
uint16_t analog_read(uint8_t channel);

/** Milliseconds since the start; begins anew after 65,536. */
uint16_t milliseconds(void);
