#!/bin/sh
# Builds the firmware, `spikewire.elf` and `spikewire.hex`, and with `--simulator` a board without hardware, `uno`:
#
#   sh build.sh [--simulator] [folder to build in, default build]
#
# Debian: gcc-avr and avr-libc; for the simulator gcc, libc6-dev, libsimavr-dev and libelf-dev as well.
set -eu
here="$(cd "$(dirname "$0")" && pwd)"
simulator=
[ "${1-}" != --simulator ] || { simulator=1; shift; }
build="${1-$here/build}"
mkdir -p "$build"

cd "$here"
avr-gcc -mmcu=atmega328p -DF_CPU=16000000UL -std=gnu11 -Os -flto -Wall -Wextra -Werror -o "$build/spikewire.elf" ./*.c
avr-objcopy -O ihex "$build/spikewire.elf" "$build/spikewire.hex"
[ -z "$simulator" ] ||
  gcc -std=gnu11 -O2 -Wall -Wextra -Werror -isystem /usr/include/simavr \
    -o "$build/uno" simulator/uno.c -lsimavr -lelf -lutil
