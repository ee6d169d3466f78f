#include "firmata.h"
#include "encoder.h"
#include "pins.h"
#include "serial.h"
#include <string.h>

enum {
  DIGITAL = 0x90, REPORT_ANALOG = 0xC0, REPORT_DIGITAL = 0xD0, ANALOG = 0xE0,
  SET_MODE = 0xF4, SET_PIN = 0xF5, VERSION = 0xF9, RESET = 0xFF,
};
enum {
  STATE_QUERY = 0x6D, STATE = 0x6E, EXTENDED_ANALOG = 0x6F, MAPPING_QUERY = 0x69, MAPPING = 0x6A,
  CAPABILITIES_QUERY = 0x6B, CAPABILITIES = 0x6C, STRING = 0x71, NAME = 0x79, INTERVAL = 0x7A,
};
enum { PROTOCOL_MAJOR = 2, PROTOCOL_MINOR = 7, FIRMWARE_MAJOR = 1, FIRMWARE_MINOR = 0, DEFAULT_INTERVAL = 19 };
enum { PORTS = (PINS + 7) / 8, NONE = 127 };

static uint16_t broken;
static uint8_t reported_analogs, reported_ports, sent_ports[PORTS];
static uint16_t interval, last_report;

/** The message that is coming: its first byte, 0 between messages, and what followed. */
static uint8_t command, length, data[64];

uint16_t firmata_broken(void) { return broken; }
void firmata_count_broken(void) { if (broken < UINT16_MAX) broken++; }

static void send_version(void) {
  serial_write(VERSION);
  serial_write(PROTOCOL_MAJOR);
  serial_write(PROTOCOL_MINOR);
}

static void begin_sysex(uint8_t kind) {
  serial_write(SYSEX);
  serial_write(kind);
}

static void send_name(void) {
  begin_sysex(NAME);
  serial_write(FIRMWARE_MAJOR);
  serial_write(FIRMWARE_MINOR);
  for (const char *letter = "spikewire"; *letter; letter++) serial_write14(*letter);
  serial_write(SYSEX_END);
}

static void send_capabilities(void) {
  static const uint8_t resolutions[][2] = {
      {MODE_INPUT, 1}, {MODE_OUTPUT, 1}, {MODE_PULLUP, 1}, {MODE_ANALOG, ANALOG_BITS}, {MODE_PWM, PWM_BITS}};
  begin_sysex(CAPABILITIES);
  for (uint8_t pin = 0; pin < PINS; pin++) {
    for (uint8_t k = 0; k < sizeof resolutions / sizeof *resolutions; k++) {
      if (!pin_can(pin, resolutions[k][0])) continue;
      serial_write(resolutions[k][0]);
      serial_write(resolutions[k][1]);
    }
    serial_write(NONE);
  }
  serial_write(SYSEX_END);
}

static void send_mapping(void) {
  begin_sysex(MAPPING);
  for (uint8_t pin = 0; pin < PINS; pin++) serial_write(pin < FIRST_ANALOG ? NONE : pin - FIRST_ANALOG);
  serial_write(SYSEX_END);
}

static void send_state(uint8_t pin) {
  begin_sysex(STATE);
  serial_write(pin);
  serial_write(pin_mode(pin));
  serial_write14(pin_mode(pin) == MODE_PULLUP ? 1 : pin_written(pin));
  serial_write(SYSEX_END);
}

static uint8_t port_inputs(uint8_t port) {
  uint8_t levels = 0;
  for (uint8_t k = 0; k < 8 && port * 8 + k < PINS; k++) {
    uint8_t pin = port * 8 + k, mode = pin_mode(pin);
    if (pin >= 2 && (mode == MODE_INPUT || mode == MODE_PULLUP) && pin_read(pin)) levels |= 1 << k;
  }
  return levels;
}

static void send_port(uint8_t port, uint8_t levels) {
  sent_ports[port] = levels;
  serial_write(DIGITAL | port);
  serial_write14(levels);
}

static void write_port(uint8_t port, uint8_t levels) {
  for (uint8_t k = 0; k < 8; k++) pin_write(port * 8 + k, levels & 1 << k);
}

static void set_interval(uint16_t wanted) { interval = wanted > 0 ? wanted : 1; }

static void reset(void) {
  reported_analogs = reported_ports = 0;
  set_interval(DEFAULT_INTERVAL);
  encoder_stop();
  for (uint8_t pin = 2; pin < PINS; pin++) pin_set_mode(pin, pin < FIRST_ANALOG ? MODE_INPUT : MODE_ANALOG);
}

static void write_value(uint8_t pin, uint16_t value) {
  if (pin < PINS && pin_mode(pin) == MODE_PWM) pin_write_pwm(pin, value > 255 ? 255 : value);
  else pin_write(pin, value > 0);
}

static void take_sysex(void) {
  uint8_t kind = data[0];
  if (length == 1 && kind == NAME) send_name();
  else if (length == 1 && kind == CAPABILITIES_QUERY) send_capabilities();
  else if (length == 1 && kind == MAPPING_QUERY) send_mapping();
  else if (length == 2 && kind == STATE_QUERY && data[1] < PINS) send_state(data[1]);
  else if (length == 3 && kind == INTERVAL) set_interval(data[1] | data[2] << 7);
  else if ((length == 3 || length == 4) && kind == EXTENDED_ANALOG)
    write_value(data[1], data[2] | (length == 4 ? data[3] << 7 : 0));
  else if (length > 0 && kind == STRING) {
    // A string comes back, so that a host can try the line.
    serial_write(SYSEX);
    for (uint8_t k = 0; k < length; k++) serial_write(data[k]);
    serial_write(SYSEX_END);
  } else if (length > 0 && kind == ENCODER) encoder_take(data, length);
  else firmata_count_broken();
}

/** Bytes that follow a first byte; a system exclusive message has its own end. */
static uint8_t needed(uint8_t first) {
  if (first == VERSION || first == RESET) return 0;
  if (first == SET_MODE || first == SET_PIN) return 2;
  switch (first & 0xF0) {
    case DIGITAL: case ANALOG: return 2;
    case REPORT_ANALOG: case REPORT_DIGITAL: return 1;
  }
  return NONE;
}

static void report_port(uint8_t port, bool wanted) {
  if (port >= PORTS) return firmata_count_broken();
  if (!wanted) reported_ports &= ~(1 << port);
  else if (reported_ports |= 1 << port, true) send_port(port, port_inputs(port));
}

static void report_analog(uint8_t channel, bool wanted) {
  if (channel >= ANALOGS) return firmata_count_broken();
  if (wanted) reported_analogs |= 1 << channel;
  else reported_analogs &= ~(1 << channel);
}

static void take_message(void) {
  uint8_t number = command & 0x0F;
  uint16_t value = data[0] | data[1] << 7;
  switch (command < SYSEX ? command & 0xF0 : command) {
    case VERSION: return send_version();
    case RESET: return reset();
    case SET_MODE: return pin_set_mode(data[0], data[1]);
    case SET_PIN: return pin_write(data[0], data[1]);
    case DIGITAL: return number < PORTS ? write_port(number, value) : firmata_count_broken();
    case ANALOG: return write_value(number, value);
    case REPORT_ANALOG: return report_analog(number, data[0]);
    case REPORT_DIGITAL: return report_port(number, data[0]);
  }
}

/** A first byte, which also ends whatever was not whole: so noise costs at most the messages that it fell into. */
static void take_first(uint8_t byte) {
  bool ends_sysex = byte == SYSEX_END && command == SYSEX;
  if (ends_sysex && length <= sizeof data) take_sysex();
  else if (ends_sysex || command || (byte != SYSEX && needed(byte) == NONE)) firmata_count_broken();
  length = 0;
  command = byte == SYSEX || needed(byte) != NONE ? byte : 0;
  if (command && command != SYSEX && needed(command) == 0) take_message(), command = 0;
}

void firmata_take(uint8_t byte) {
  if (byte & 0x80) return take_first(byte);
  if (!command) return firmata_count_broken();
  // One more than fits says that a message was too long.
  if (length < sizeof data) data[length] = byte;
  if (length <= sizeof data) length++;
  if (command != SYSEX && length == needed(command)) take_message(), command = 0;
}

void firmata_begin(void) {
  reset();
  send_version();
  send_name();
}

void firmata_report(void) {
  for (uint8_t port = 0; port < PORTS; port++) {
    if (!(reported_ports & 1 << port)) continue;
    uint8_t levels = port_inputs(port);
    if (levels != sent_ports[port] && serial_room() >= 3) send_port(port, levels);
  }
  uint16_t now = milliseconds();
  if ((uint16_t)(now - last_report) < interval) return;
  last_report = now;
  for (uint8_t channel = 0; channel < ANALOGS; channel++) {
    // What the line cannot carry is left out: the next report has a newer value.
    if (!(reported_analogs & 1 << channel) || serial_room() < 3) continue;
    serial_write(ANALOG | channel);
    serial_write14(analog_read(channel));
  }
}
