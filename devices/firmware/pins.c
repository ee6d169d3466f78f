#include "pins.h"
#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

static uint8_t modes[PINS], written[PINS];
static volatile uint16_t elapsed;

/** Timer 0 overflows every 1.024 ms, which is 3 ms more in 125 overflows. */
ISR(TIMER0_OVF_vect) {
  static uint8_t overflows;
  elapsed++;
  overflows++;
  if (overflows == 42 || overflows == 84) elapsed++;
  if (overflows == 125) elapsed++, overflows = 0;
}

uint16_t milliseconds(void) {
  uint16_t now;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) now = elapsed;
  return now;
}

static uint8_t bit(uint8_t pin) { return 1 << (pin < 8 ? pin : pin < FIRST_ANALOG ? pin - 8 : pin - FIRST_ANALOG); }
static volatile uint8_t *port(uint8_t pin) { return pin < 8 ? &PORTD : pin < FIRST_ANALOG ? &PORTB : &PORTC; }
static volatile uint8_t *direction(uint8_t pin) { return pin < 8 ? &DDRD : pin < FIRST_ANALOG ? &DDRB : &DDRC; }
static volatile uint8_t *input(uint8_t pin) { return pin < 8 ? &PIND : pin < FIRST_ANALOG ? &PINB : &PINC; }

static void put(volatile uint8_t *register_, uint8_t bits, bool set) {
  if (set) *register_ |= bits;
  else *register_ &= ~bits;
}

/** Connects a pin with its timer, and says whether it has one. */
static bool connect_timer(uint8_t pin, bool connected) {
  switch (pin) {
    case 3: return put(&TCCR2A, 1 << COM2B1, connected), true;
    case 5: return put(&TCCR0A, 1 << COM0B1, connected), true;
    case 6: return put(&TCCR0A, 1 << COM0A1, connected), true;
    case 11: return put(&TCCR2A, 1 << COM2A1, connected), true;
  }
  return false;
}

void pins_begin(void) {
  TCCR0A = TCCR2A = 1 << WGM01 | 1 << WGM00;
  TCCR0B = 1 << CS01 | 1 << CS00;
  TCCR2B = 1 << CS22;
  TIMSK0 = 1 << TOIE0;
  // 125 kHz, the fastest within the 200 kHz at which all ten bits count.
  ADCSRA = 1 << ADEN | 7 << ADPS0;
  for (uint8_t pin = 2; pin < PINS; pin++) pin_set_mode(pin, pin < FIRST_ANALOG ? MODE_INPUT : MODE_ANALOG);
}

bool pin_can(uint8_t pin, uint8_t mode) {
  if (pin < 2 || pin >= PINS) return false;
  switch (mode) {
    case MODE_INPUT: case MODE_OUTPUT: case MODE_PULLUP: return true;
    case MODE_ANALOG: return pin >= FIRST_ANALOG;
    case MODE_PWM: return pin == 3 || pin == 5 || pin == 6 || pin == 11;
  }
  return false;
}

void pin_set_mode(uint8_t pin, uint8_t mode) {
  if (!pin_can(pin, mode)) return;
  connect_timer(pin, false);
  modes[pin] = mode;
  written[pin] = 0;
  put(direction(pin), bit(pin), mode == MODE_OUTPUT || mode == MODE_PWM);
  put(port(pin), bit(pin), mode == MODE_PULLUP);
}

uint8_t pin_mode(uint8_t pin) { return modes[pin]; }

bool pin_read(uint8_t pin) { return *input(pin) & bit(pin); }

void pin_write(uint8_t pin, bool high) {
  if (pin >= PINS || modes[pin] != MODE_OUTPUT) return;
  written[pin] = high;
  put(port(pin), bit(pin), high);
}

void pin_write_pwm(uint8_t pin, uint8_t share) {
  if (pin >= PINS || modes[pin] != MODE_PWM) return;
  written[pin] = share;
  // A timer at 0 still gives a pulse of one count: the pin is the port's then.
  connect_timer(pin, share > 0);
  put(port(pin), bit(pin), false);
  switch (pin) {
    case 3: OCR2B = share; break;
    case 5: OCR0B = share; break;
    case 6: OCR0A = share; break;
    case 11: OCR2A = share; break;
  }
}

uint8_t pin_written(uint8_t pin) { return written[pin]; }

uint16_t analog_read(uint8_t channel) {
  ADMUX = 1 << REFS0 | channel;
  ADCSRA |= 1 << ADSC;
  while (ADCSRA & 1 << ADSC) {}
  return ADC;
}
