#include "serial.h"
#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

// As long as an index counts, so that it begins anew by itself.
static volatile uint8_t incoming[256], outgoing[256];
static volatile uint8_t incoming_head, incoming_tail, outgoing_head, outgoing_tail;
static volatile uint16_t lost;

ISR(USART_RX_vect) {
  uint8_t byte = UDR0;
  if ((uint8_t)(incoming_head + 1) == incoming_tail) {
    if (lost < UINT16_MAX) lost++;
  } else {
    incoming[incoming_head++] = byte;
  }
}

ISR(USART_UDRE_vect) {
  if (outgoing_tail == outgoing_head) {
    UCSR0B &= ~(1 << UDRIE0);
  } else {
    UDR0 = outgoing[outgoing_tail++];
    // Cleared by a one: set again once nothing is on its way.
    UCSR0A |= 1 << TXC0;
  }
}

void serial_begin(uint8_t rate) {
  static const uint8_t divisors[SERIAL_RATES] = {34, 16, 7, 3};
  UCSR0A = 1 << U2X0;
  UBRR0 = divisors[rate];
  UCSR0C = 3 << UCSZ00;
  UCSR0B = 1 << RXEN0 | 1 << TXEN0 | 1 << RXCIE0;
}

void serial_finish(void) {
  while (outgoing_tail != outgoing_head) {}
  // The last byte is still on its way when the ring is empty.
  while (!(UCSR0A & 1 << TXC0)) {}
}

bool serial_available(void) { return incoming_tail != incoming_head; }

uint8_t serial_read(void) { return incoming[incoming_tail++]; }

uint8_t serial_room(void) { return outgoing_tail - outgoing_head - 1; }

void serial_write(uint8_t byte) {
  while (serial_room() == 0) {}
  outgoing[outgoing_head++] = byte;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) UCSR0B |= 1 << UDRIE0;
}

void serial_write14(uint16_t value) {
  serial_write(value & 127);
  serial_write(value >> 7 & 127);
}

uint16_t serial_lost(void) {
  uint16_t now;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) now = lost;
  return now;
}
