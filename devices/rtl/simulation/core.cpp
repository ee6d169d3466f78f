// The bare core behind stdin and stdout. Commands, all numbers little-endian:
//
//   W address:u32 count:u32 words:u16[count]   writes words
//   R address:u32 count:u32                    answers with words:u16[count]
//   S steps:u32                                runs steps
//   Z                                          resets the core
//
// Memories and registers begin with random bits, from the seed that is the first argument.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include "Vcore.h"
#include "verilated.h"

namespace {

// A step that takes longer has hung.
constexpr uint64_t LONGEST_STEP = 10'000'000;

Vcore* core;

[[noreturn]] void fail(const char* problem) {
  std::fprintf(stderr, "core: %s\n", problem);
  std::exit(1);
}

// One cycle; outputs are those of the time before the rising edge.
void cycle() {
  core->clk = 1;
  core->eval();
  core->clk = 0;
  core->eval();
}

void wait_until_idle() {
  for (uint64_t waited = 0; core->busy; waited++) {
    if (waited == LONGEST_STEP) fail("a step has no end");
    cycle();
  }
}

void request(uint32_t address, bool write, uint16_t word) {
  core->h_valid = 1;
  core->h_write = write;
  core->h_addr = address;
  core->h_wdata = word;
  core->eval();
  if (!core->h_ready) fail("is not ready for a request");
  cycle();
  core->h_valid = 0;
  core->eval();
}

uint16_t read_word(uint32_t address) {
  request(address, false, 0);
  if (!core->h_rvalid) fail("gives no answer to a read");
  return core->h_rdata;
}

void step() {
  core->start = 1;
  core->eval();
  if (core->h_ready) fail("takes a request while a step starts");
  cycle();
  core->start = 0;
  core->eval();
  if (!core->busy) fail("does not begin a step");
  wait_until_idle();
}

void reset() {
  core->rst = 1;
  cycle();
  core->rst = 0;
  wait_until_idle();
}

uint64_t take(int bytes) {
  uint64_t value = 0;
  for (int k = 0; k < bytes; k++) {
    const int byte = std::getchar();
    if (byte == EOF) fail("a command is cut off");
    value |= static_cast<uint64_t>(byte) << (8 * k);
  }
  return value;
}

void give(uint16_t word) {
  std::putchar(word & 0xff);
  std::putchar(word >> 8);
}

}  // namespace

int main(int argc, char** argv) {
  VerilatedContext context;
  context.randReset(2);
  context.randSeed(argc > 1 ? std::atoi(argv[1]) : 1);
  Vcore instance(&context);
  core = &instance;
  core->clk = 0;
  core->h_valid = 0;
  core->start = 0;
  core->rst = 0;
  core->eval();
  reset();
  for (int command = std::getchar(); command != EOF; command = std::getchar()) {
    if (command == 'Z') {
      reset();
    } else if (command == 'S') {
      for (uint64_t steps = take(4); steps > 0; steps--) step();
      // What runs step by step waits for answers.
      std::fflush(stdout);
    } else if (command == 'W' || command == 'R') {
      const uint32_t address = take(4);
      const uint32_t count = take(4);
      for (uint32_t k = 0; k < count; k++) {
        if (command == 'W') request(address + k, true, take(2));
        else give(read_word(address + k));
      }
      std::fflush(stdout);
    } else {
      fail("unknown command");
    }
  }
  return 0;
}
