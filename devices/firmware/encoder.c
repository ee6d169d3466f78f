#include "encoder.h"
#include "check.h"
#include "firmata.h"
#include "pins.h"
#include "serial.h"
#include <avr/interrupt.h>
#include <avr/io.h>
#include <stdlib.h>
#include <util/atomic.h>

enum { OFF, VALUES, CHANGES, RATE, CODES };
enum { CONFIGURE = 0x10, THRESHOLD, REFRESH, STATUS, SHOW, LINE, ANSWER = 0x40 };
enum { MOST_EVENTS = 4, MOST_ENTRIES = 64, MOST_OF_SAMPLE = 2 + 2 * ANALOGS };
enum { LONGEST_ADVANCE = 64, ADVANCE = 0x40, UNKNOWN = -1 };
enum { SILENT_TICKS = 4096, SILENT_MILLISECONDS = 1024 };
#define SHORTEST_PERIOD 100UL
#define LONGEST_PERIOD 1000000UL

static uint8_t code, channels, gather;
static uint16_t thresholds[ANALOGS] = {16, 16, 16, 16, 16, 16};
/** VALUES: what was sent last. CHANGES: what the host knows. RATE: what has gathered. */
static int16_t references[ANALOGS];

/** Samples since the start, counted by the timer, and how many of them were looked at. */
static volatile uint16_t ticks;
static uint16_t seen;
/** Samples that were due before the last had been sent, and frames that the line had no room for. */
static uint16_t missed, dropped;

/** The frame that is filled: its number, when it began and how far in time it has come. */
static uint8_t number, entries[MOST_ENTRIES], filled;
static bool begun;
static uint16_t began, reached, sent_at, sent_tick;

ISR(TIMER1_COMPA_vect) { ticks++; }

static uint16_t tick(void) {
  uint16_t now;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) now = ticks;
  return now;
}

static void count(uint16_t *counter, uint16_t more) {
  *counter = more > UINT16_MAX - *counter ? UINT16_MAX : *counter + more;
}

/** Sends a message: what it is, its number, how long it is, what it says, and the check of all this. */
static void send(uint8_t kind, uint8_t number, const uint8_t *head, uint8_t heads, const uint8_t *body,
                 uint8_t bodies) {
  uint16_t check = 0;
  const uint8_t front[] = {ENCODER, kind, number, heads + bodies};
  serial_write(SYSEX);
  for (uint8_t k = 0; k < sizeof front; k++) serial_write(front[k]), check = check_byte(check, front[k]);
  for (uint8_t k = 0; k < heads; k++) serial_write(head[k]), check = check_byte(check, head[k]);
  for (uint8_t k = 0; k < bodies; k++) serial_write(body[k]), check = check_byte(check, body[k]);
  serial_write14(check);
  serial_write(SYSEX_END);
}

/** Sends the frame, or counts it: its number is used either way, so that the host sees a gap. */
static void send_frame(uint16_t now) {
  const uint8_t time[] = {began & 127, began >> 7 & 127};
  if (serial_room() >= filled + 10) send(code, number, time, sizeof time, entries, filled);
  else count(&dropped, 1);
  number = (number + 1) & 127;
  begun = false;
  sent_at = milliseconds();
  sent_tick = now;
}

static void begin_frame(uint16_t now) {
  begun = true;
  began = reached = now;
  filled = 0;
}

/** An entry of this sample, with what says that time went on. */
static uint8_t *entry(uint16_t now, uint8_t bytes) {
  if (!begun) begin_frame(now);
  for (uint16_t ahead = now - reached; ahead > 0; ahead = now - reached) {
    uint8_t step = ahead < LONGEST_ADVANCE ? ahead : LONGEST_ADVANCE;
    entries[filled++] = ADVANCE | (step - 1);
    reached += step;
  }
  filled += bytes;
  return entries + filled - bytes;
}

static void put_value(uint16_t now, uint8_t channel, uint16_t value) {
  uint8_t *bytes = entry(now, 2);
  bytes[0] = channel << 3 | value >> 7;
  bytes[1] = value & 127;
}

/** So many spikes of a channel, at most four in a sample. */
static void put_spikes(uint16_t now, uint8_t channel, bool down, uint8_t spikes) {
  *entry(now, 1) = channel << 3 | down << 2 | (spikes - 1);
}

static void encode(uint16_t now, uint8_t channel, int16_t value) {
  int16_t threshold = thresholds[channel], *reference = &references[channel];
  switch (code) {
    case VALUES:
      if (*reference != UNKNOWN && abs(value - *reference) < threshold) return;
      *reference = value;
      return put_value(now, channel, value);
    case CHANGES: {
      int16_t change = (value - *reference) / threshold;
      if (change == 0) return;
      if (change > MOST_EVENTS) change = MOST_EVENTS;
      if (change < -MOST_EVENTS) change = -MOST_EVENTS;
      *reference += change * threshold;
      return put_spikes(now, channel, change < 0, abs(change));
    }
    case RATE: {
      *reference += value;
      int16_t spikes = *reference / threshold;
      if (spikes == 0) return;
      *reference -= spikes * threshold;
      return put_spikes(now, channel, false, spikes);
    }
  }
}

bool encoder_is_due(void) { return code != OFF && tick() != seen; }

void encoder_run(void) {
  if (!encoder_is_due()) return;
  uint16_t now = tick();
  count(&missed, now - seen - 1);
  seen = now;
  // A frame ends with a sample, never within one.
  if (begun && filled + MOST_OF_SAMPLE > MOST_ENTRIES) send_frame(now);
  for (uint8_t channel = 0; channel < ANALOGS; channel++) {
    if (channels & 1 << channel) encode(now, channel, analog_read(channel));
  }
  if (begun && (uint16_t)(now - began) < gather) return;
  bool silent = (uint16_t)(now - sent_tick) >= SILENT_TICKS ||
                (uint16_t)(milliseconds() - sent_at) >= SILENT_MILLISECONDS;
  // An empty frame now and then says that the board is there, and which time it is.
  if (!begun && silent) begin_frame(now);
  if (begun) send_frame(now);
}

void encoder_stop(void) {
  TIMSK1 = 0;
  TCCR1B = 0;
  code = OFF;
}

static void forget(void) {
  for (uint8_t channel = 0; channel < ANALOGS; channel++) {
    references[channel] = code == VALUES ? UNKNOWN : code == CHANGES ? 1 << (ANALOG_BITS - 1) : 0;
  }
}

/** Lets timer 1 count the samples: by the finest of its steps with which 16 bits reach so far. */
static void begin_timer(uint32_t period) {
  static const uint8_t shifts[] = {3, 6, 8};
  uint8_t choice = 0;
  while ((period * 16) >> shifts[choice] > 65536) choice++;
  OCR1A = ((period * 16) >> shifts[choice]) - 1;
  TCNT1 = 0;
  TCCR1A = 0;
  TCCR1B = 1 << WGM12 | (choice + 2);
  TIFR1 = 1 << OCF1A;
  TIMSK1 = 1 << OCIE1A;
}

static bool configure(const uint8_t *wanted) {
  uint32_t period = wanted[3] | (uint32_t)wanted[4] << 7 | (uint32_t)wanted[5] << 14;
  if (wanted[0] >= CODES || wanted[1] >> ANALOGS) return false;
  if (wanted[0] != OFF && (period < SHORTEST_PERIOD || period > LONGEST_PERIOD)) return false;
  encoder_stop();
  code = wanted[0];
  channels = wanted[1];
  gather = wanted[2];
  ticks = seen = number = sent_tick = missed = dropped = 0;
  begun = false;
  sent_at = milliseconds();
  forget();
  return true;
}

static bool set_threshold(uint8_t channel, uint16_t threshold) {
  if (channel >= ANALOGS || threshold == 0) return false;
  thresholds[channel] = threshold;
  return true;
}

static uint8_t *put14(uint8_t *at, uint16_t value) {
  if (value > 16383) value = 16383;
  *at++ = value & 127;
  *at++ = value >> 7;
  return at;
}

static void answer(uint8_t command, uint8_t number, bool done) {
  uint8_t said[9] = {done}, *end = said + 1;
  if (command == STATUS) {
    end = put14(end, missed);
    end = put14(end, dropped);
    end = put14(end, firmata_broken());
    end = put14(end, serial_lost());
  }
  send(ANSWER | command, number, said, end - said, 0, 0);
}

/** No more than four spikes fit a sample: the threshold of a rate is at least a quarter of the largest value. */
static bool rates_fit(uint8_t wanted_code, uint8_t wanted_channels) {
  if (wanted_code != RATE) return true;
  for (uint8_t channel = 0; channel < ANALOGS; channel++) {
    if (wanted_channels & 1 << channel && thresholds[channel] < 1 << (ANALOG_BITS - 2)) return false;
  }
  return true;
}

/** Whether a command has what it needs and can be done; then it is. */
static bool obey(uint8_t command, const uint8_t *wanted, uint8_t length) {
  switch (command) {
    case CONFIGURE: return length == 6 && rates_fit(wanted[0], wanted[1]) && configure(wanted);
    case THRESHOLD: return length == 3 && code == OFF && set_threshold(wanted[0], wanted[1] | wanted[2] << 7);
    case REFRESH: return length == 0 && (forget(), code == VALUES);
    case STATUS: return length == 0;
    case LINE: return length == 1 && wanted[0] < SERIAL_RATES;
    case SHOW:
      if (length != 1) return false;
      pin_set_mode(LED_PIN, MODE_OUTPUT);
      return pin_write(LED_PIN, wanted[0]), true;
  }
  return false;
}

void encoder_take(const uint8_t *message, uint8_t length) {
  uint16_t check = 0;
  if (length < 6 || message[3] != length - 6) return firmata_count_broken();
  for (uint8_t k = 0; k < length - 2; k++) check = check_byte(check, message[k]);
  if (check != (uint16_t)(message[length - 2] | message[length - 1] << 7)) return firmata_count_broken();
  uint8_t command = message[1];
  const uint8_t *wanted = message + 4;
  bool done = obey(command, wanted, message[3]);
  answer(command, message[2], done);
  if (!done) return;
  if (command == LINE) {
    serial_finish();
    serial_begin(wanted[0]);
  }
  if (command == CONFIGURE && code != OFF) {
    begin_timer(wanted[3] | (uint32_t)wanted[4] << 7 | (uint32_t)wanted[5] << 14);
  }
}
