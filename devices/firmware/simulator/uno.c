// An Arduino Uno without hardware: simavr's ATmega328P at 16 MHz with the given firmware, its line and its pins.
//
//   uno <firmware.elf>         in simulated time: only `run` lets time pass, so that the same commands give the same
//   uno <firmware.elf> --pty   in real time: the line is the pty that the first line of the output names
//
// Commands are lines of the standard input; the end of it ends the program.
//   analog <channel> <millivolts>    what A0 to A5 are at from now on
//   digital <pin> <0 or 1>           what a pin is pulled to
//   send <hex bytes>                 bytes for the board, one after the other at the rate of the line
//   run <microseconds>               lets time pass
// What is said, each a line of the standard output:
//   pty <path>                       the line, with --pty
//   pin <pin> <0 or 1> <microseconds>   an output that changed
//   sent <hex bytes>                 what the board sent during `run`
//   at <microseconds>                the end of `run`
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include "avr_adc.h"
#include "avr_ioport.h"
#include "avr_uart.h"
#include "sim_avr.h"
#include "sim_elf.h"

enum { FREQUENCY = 16000000, PER_MICROSECOND = 16, PINS = 20, ANALOGS = 6, QUEUE = 1 << 16 };
// Registers of the line: its divisor, and whether it counts by 8 or by 16.
enum { UCSR0A = 0xC0, UBRR0L = 0xC4, UBRR0H = 0xC5, U2X0 = 1 << 1 };

static avr_t *avr;
static int line = -1;
/** Bytes for the board that have not come to it yet, and bytes of the board since the last `run`. */
static unsigned char coming[QUEUE], going[QUEUE];
static unsigned first, waiting, gone;

static void fail(const char *what) {
  fprintf(stderr, "uno: %s\n", what);
  exit(1);
}

static unsigned long microseconds(void) { return avr->cycle / PER_MICROSECOND; }

/** simavr takes eleven bits for a byte where a board takes ten, so that its line is a tenth slower. */
static avr_cycle_count_t cycles_per_byte(void) {
  unsigned divisor = avr->data[UBRR0L] | avr->data[UBRR0H] << 8;
  return (avr_cycle_count_t)11 * (avr->data[UCSR0A] & U2X0 ? 8 : 16) * (divisor + 1);
}

static avr_cycle_count_t deliver(avr_t *avr_, avr_cycle_count_t when, void *unused) {
  (void)unused;
  if (waiting == 0) return 0;
  avr_raise_irq(avr_io_getirq(avr_, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT), coming[first]);
  first = (first + 1) % QUEUE;
  waiting--;
  return waiting > 0 ? when + cycles_per_byte() : 0;
}

static void send_to_board(unsigned char byte) {
  if (waiting == QUEUE) fail("more than 65536 bytes wait for the board");
  coming[(first + waiting++) % QUEUE] = byte;
  if (waiting == 1) avr_cycle_timer_register(avr, cycles_per_byte(), deliver, NULL);
}

static void take_from_board(avr_irq_t *irq, uint32_t byte, void *unused) {
  (void)irq, (void)unused;
  unsigned char one = byte;
  // As on a real line, what nobody reads is lost.
  if (line >= 0) (void)!write(line, &one, 1);
  else if (gone < QUEUE) going[gone++] = one;
  else fail("more than 65536 bytes of the board in one run");
}

static char port_of(int pin) { return pin < 8 ? 'D' : pin < 14 ? 'B' : 'C'; }
static int bit_of(int pin) { return pin < 8 ? pin : pin < 14 ? pin - 8 : pin - 14; }
static avr_irq_t *irq_of(int pin) { return avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ(port_of(pin)), bit_of(pin)); }

/** An input that is pulled changes as well: of those only what the board itself drives is said. */
static void say_pin(avr_irq_t *irq, uint32_t level, void *pin) {
  (void)irq;
  int number = (int)(long)pin;
  avr_ioport_state_t state;
  avr_ioctl(avr, AVR_IOCTL_IOPORT_GETSTATE(port_of(number)), &state);
  if (!(state.ddr >> bit_of(number) & 1)) return;
  printf("pin %d %u %lu\n", number, level & 1, microseconds());
}

static void run(avr_cycle_count_t until) {
  while (avr->cycle < until) {
    int state = avr_run(avr);
    if (state == cpu_Done || state == cpu_Crashed) fail("the program on the board ended");
  }
}

/** Sleep may reach beyond the end by nothing that the board sees; the next run is shorter by it. */
static void run_and_say(unsigned long how_long) {
  static avr_cycle_count_t end;
  end += (avr_cycle_count_t)how_long * PER_MICROSECOND;
  run(end);
  if (gone > 0) {
    printf("sent ");
    for (unsigned k = 0; k < gone; k++) printf("%02x", going[k]);
    printf("\n");
  }
  gone = 0;
  printf("at %lu\n", (unsigned long)(end / PER_MICROSECOND));
  fflush(stdout);
}

static void send_hex(const char *text) {
  unsigned byte;
  for (; sscanf(text, "%2x", &byte) == 1; text += 2) send_to_board(byte);
}

static void obey(const char *command) {
  int number, level;
  unsigned long how_long;
  if (sscanf(command, "analog %d %d", &number, &level) == 2 && number >= 0 && number < ANALOGS)
    avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_ADC0 + number), level);
  else if (sscanf(command, "digital %d %d", &number, &level) == 2 && number >= 0 && number < PINS)
    avr_raise_irq(irq_of(number), level != 0);
  else if (strncmp(command, "send ", 5) == 0) send_hex(command + 5);
  else if (line < 0 && sscanf(command, "run %lu", &how_long) == 1) run_and_say(how_long);
  else fail(command);
}

/** What simavr has to say is no answer. */
static void log_errors(avr_t *unused, const int level, const char *format, va_list words) {
  (void)unused;
  if (level <= LOG_ERROR) vfprintf(stderr, format, words);
}

static void load(const char *path) {
  elf_firmware_t firmware = {0};
  avr_global_logger_set(log_errors);
  avr = avr_make_mcu_by_name("atmega328p");
  if (avr == NULL || elf_read_firmware(path, &firmware) != 0) fail("no firmware that simavr reads");
  avr_init(avr);
  avr_load_firmware(avr, &firmware);
  avr->frequency = FREQUENCY;
  avr->vcc = avr->avcc = avr->aref = 5000;
}

/** Time that the program sleeps is jumped over; in real time it is waited for in `keep_pace`. */
static void sleep_not(avr_t *unused, avr_cycle_count_t how_long) { (void)unused, (void)how_long; }

static void connect(void) {
  uint32_t flags = 0;
  avr->sleep = sleep_not;
  avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS('0'), &flags);
  flags &= ~(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP);
  avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), take_from_board, NULL);
  for (long pin = 2; pin < PINS; pin++) avr_irq_register_notify(irq_of(pin), say_pin, (void *)pin);
  for (int k = 0; k < ANALOGS; k++) avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_ADC0 + k), 0);
}

static void open_line(void) {
  struct termios raw;
  char path[64];
  int other;
  cfmakeraw(memset(&raw, 0, sizeof raw));
  raw.c_cflag |= CS8 | CREAD | CLOCAL;
  // The other end stays open here, so that it may be closed and opened again over there.
  if (openpty(&line, &other, path, &raw, NULL) != 0) fail("no pty");
  fcntl(line, F_SETFL, O_NONBLOCK);
  printf("pty %s\n", path);
  fflush(stdout);
}

/** Lines that are there; false at the end of the input. */
static bool take_commands(void) {
  static char text[256];
  static unsigned length;
  char letter;
  ssize_t got;
  while ((got = read(STDIN_FILENO, &letter, 1)) == 1) {
    if (letter != '\n' && length < sizeof text - 1) text[length++] = letter;
    if (letter != '\n') continue;
    text[length] = 0;
    length = 0;
    obey(text);
  }
  return got < 0 && errno == EAGAIN;
}

static void take_line(void) {
  unsigned char byte;
  while (waiting < QUEUE && read(line, &byte, 1) == 1) send_to_board(byte);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

/** Waits until the wall has as much time as the board; where the machine stalled, time stood still. */
static void keep_pace(void) {
  static double start;
  double ahead = avr->cycle / (double)FREQUENCY - (now() - start);
  if (ahead > 0 && ahead < 1) usleep(ahead * 1e6);
  if (ahead < -.1 || ahead >= 1) start = now() - avr->cycle / (double)FREQUENCY;
}

int main(int count, char **words) {
  if (count < 2 || (count == 3 && strcmp(words[2], "--pty") != 0) || count > 3) {
    fprintf(stderr, "usage: uno <firmware.elf> [--pty]\n");
    return 2;
  }
  load(words[1]);
  connect();
  if (count == 2) {
    char command[8192];
    while (fgets(command, sizeof command, stdin) != NULL) {
      command[strcspn(command, "\n")] = 0;
      obey(command);
    }
    return 0;
  }
  open_line();
  fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
  while (take_commands()) {
    take_line();
    run(avr->cycle + 1000 * PER_MICROSECOND);
    fflush(stdout);
    keep_pace();
  }
  return 0;
}
