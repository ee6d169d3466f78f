// A simulated board in a process of its own, which ends with its standard input. SIGUSR1 resets it. A macro chooses
// what the host sees:
//   LINE_UART   a pty, named in the first line of the output; the bytes go bit by bit through the RTL's UART
//   LINE_BYTES  a pty as well, and the bytes go straight to the link: faster
//   LINE_SPI    standard input and output, as those of spi-pipe: each byte that is clocked in clocks one out
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <termios.h>
#include <unistd.h>
#include <vector>
#include "Vboard.h"
#include "verilated.h"

#ifndef DIV
#define DIV 4
#endif

static Vboard board;
static unsigned long cycles;

static void tick() {
  board.clk = 1;
  board.eval();
  board.clk = 0;
  board.eval();
  cycles++;
}

static void fail(const char *what) {
  fprintf(stderr, "board: %s: %s\n", what, strerror(errno));
  exit(1);
}

static volatile sig_atomic_t is_reset_wanted;

static void reset() {
  is_reset_wanted = 0;
  board.rst = 1;
  for (int k = 0; k < 8; k++) tick();
  board.rst = 0;
}

#ifdef LINE_SPI
// Half a period of the line's clock, in cycles of the board.
static const int HALF = 4;

static uint8_t exchange(uint8_t out) {
  uint8_t in = 0;
  for (int bit = 7; bit >= 0; bit--) {
    board.mosi = out >> bit & 1;
    for (int k = 0; k < HALF; k++) tick();
    in |= board.miso << bit;
    board.sck = 1;
    for (int k = 0; k < HALF; k++) tick();
    board.sck = 0;
  }
  return in;
}

int main() {
  uint8_t bytes[4096];
  ssize_t got;
  board.cs_n = 1;
  reset();
  while ((got = read(STDIN_FILENO, bytes, sizeof bytes)) > 0) {
    board.cs_n = 0;
    for (int k = 0; k < 8; k++) tick();
    for (ssize_t k = 0; k < got; k++) bytes[k] = exchange(bytes[k]);
    for (int k = 0; k < HALF; k++) tick();
    board.cs_n = 1;
    for (int k = 0; k < 8; k++) tick();
    for (ssize_t k = 0, put; k < got; k += put)
      if ((put = write(STDOUT_FILENO, bytes + k, got - k)) < 0) fail("output");
  }
}
#else

static int line;
static std::vector<uint8_t> coming, going;
static size_t next_coming;

static void wait_for(int fd, short events, int milliseconds) {
  pollfd files[] = {{fd, events, 0}, {STDIN_FILENO, POLLIN, 0}};
  poll(files, 2, milliseconds);
  char byte;
  if (files[1].revents && read(STDIN_FILENO, &byte, 1) <= 0) exit(0);
}

static void flush() {
  for (size_t k = 0; k < going.size();) {
    ssize_t put = write(line, going.data() + k, going.size() - k);
    if (put > 0) k += put;
    else if (errno == EAGAIN) wait_for(line, POLLOUT, 100);
    else fail("line");
  }
  going.clear();
}

static bool fetch() {
  uint8_t bytes[4096];
  ssize_t got = read(line, bytes, sizeof bytes);
  if (got <= 0) return false;
  coming.assign(bytes, bytes + got);
  next_coming = 0;
  return true;
}

// One cycle of the line in both directions; whether anything happened.
#ifdef LINE_UART
static int rx_bit = -1, rx_wait, tx_bit = -1, tx_wait;
static uint8_t rx_byte, tx_byte;

static bool cycle() {
  if (rx_bit < 0 && next_coming < coming.size()) {
    rx_byte = coming[next_coming++];
    rx_bit = rx_wait = 0;
  }
  board.rxd = rx_bit < 0 || rx_bit == 9 ? 1 : rx_bit == 0 ? 0 : rx_byte >> (rx_bit - 1) & 1;
  if (rx_bit >= 0 && ++rx_wait == DIV) {
    rx_wait = 0;
    if (++rx_bit == 10) rx_bit = -1;
  }
  tick();
  if (tx_bit < 0 && !board.txd) {
    tx_bit = tx_byte = 0;
    tx_wait = -DIV / 2;
  } else if (tx_bit >= 0 && ++tx_wait == DIV) {
    tx_wait = 0;
    if (++tx_bit <= 8) tx_byte |= board.txd << (tx_bit - 1);
    else {
      going.push_back(tx_byte);
      tx_bit = -1;
    }
  }
  return rx_bit >= 0 || tx_bit >= 0;
}
static void idle_line() { board.rxd = 1; }
#else
static bool cycle() {
  board.rx_valid = next_coming < coming.size();
  if (board.rx_valid) board.rx_data = coming[next_coming++];
  if (board.tx_valid) going.push_back(board.tx_data);
  tick();
  return board.rx_valid || board.tx_valid;
}
static void idle_line() { board.tx_ready = 1; }
#endif

static void open_line() {
  struct termios raw;
  char path[64];
  int other;
  cfmakeraw((termios *)memset(&raw, 0, sizeof raw));
  raw.c_cflag |= CS8 | CREAD | CLOCAL;
  // The other end stays open here, so that it may be closed and opened again over there.
  if (openpty(&line, &other, path, &raw, NULL) != 0) fail("pty");
  fcntl(line, F_SETFL, O_NONBLOCK);
  printf("pty %s\n", path);
  fflush(stdout);
}

int main() {
  signal(SIGUSR1, [](int) { is_reset_wanted = 1; });
  open_line();
  idle_line();
  reset();
  // Once nothing has happened for longer than any request on the bus takes, only the host can change that.
  for (int quiet = 0;;) {
    if (is_reset_wanted) reset();
    quiet = cycle() || board.busy ? 0 : quiet + 1;
    if (next_coming < coming.size()) continue;
    if ((cycles & 63) == 0 && fetch()) continue;
    if (going.size() >= 4096 || (quiet > 64 && !going.empty())) flush();
    if (quiet > 4096) wait_for(line, POLLIN, 1000);
  }
}
#endif
