// Programs for a Cortex-M without a C library, compiled by arm-none-eabi-gcc and run by qemu-system-arm.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('cortex', import.meta.url));
const COMPILER = 'arm-none-eabi-gcc';

/**
 * Cores, each with the machine of QEMU that has one: `flash` and `ram` in bytes, `clock` in Hz. QEMU has a Cortex-M0
 * and no M0+; both have the instructions of Armv6-M.
 */
export const cores = {
  'Cortex-M0+': {
    ...{ options: ['-mcpu=cortex-m0plus'], machine: 'microbit', clock: 16e6 },
    ...{ flash: 256 * 1024, ram: 16 * 1024 },
  },
  'Cortex-M3': {
    ...{ options: ['-mcpu=cortex-m3'], machine: 'mps2-an385', clock: 25e6 },
    ...{ flash: 4 * 2 ** 20, ram: 4 * 2 ** 20 },
  },
  'Cortex-M4F': {
    ...{ options: ['-mcpu=cortex-m4', '-mfpu=fpv4-sp-d16', '-mfloat-abi=hard'], machine: 'mps2-an386', clock: 25e6 },
    ...{ flash: 4 * 2 ** 20, ram: 4 * 2 ** 20 },
  },
};

/**
 * Compiles net.c, what is measured, and main.c, which calls it (`cortex/board.h`), in a folder that may have headers
 * of theirs; gives the path of the program.
 */
export function buildCortex(core, folder, { net, main }) {
  writeFileSync(join(folder, 'net.c'), net);
  writeFileSync(join(folder, 'main.c'), main);
  const paths = { net: folder, main: folder, start: SOURCES, memory: SOURCES };
  const objects = Object.entries(paths).map(([name, place]) => {
    const object = join(folder, `${name}.o`);
    // memset is a loop that would become a call of itself.
    const own = name === 'memory' ? ['-fno-tree-loop-distribute-patterns', '-fno-strict-aliasing'] : [];
    compile([...core.options, ...C, ...own, '-I', folder, '-I', SOURCES, '-c', join(place, `${name}.c`), '-o', object]);
    return object;
  });
  const program = join(folder, 'program.elf');
  const memory = ['flash', 'ram'].map((name) => `-Wl,--defsym=${name}_size=${core[name]}`);
  const link = ['-nostartfiles', '-nodefaultlibs', '-T', join(SOURCES, 'cortex.ld'), '-Wl,--gc-sections', ...memory];
  compile([...core.options, ...link, '-o', program, ...objects, '-lgcc']);
  return program;
}

const C = [
  ...['-std=c99', '-O2', '-mthumb', '-ffreestanding', '-ffunction-sections', '-fdata-sections'],
  ...['-Wall', '-Wextra', '-Werror'],
];

const compile = (words) => execFileSync(COMPILER, words, { stdio: ['ignore', 'ignore', 'pipe'] });

/** Bytes of the sections of a program: those of the net begin with `.net_` (`cortex/cortex.ld`). */
export function sectionsOf(program) {
  const lines = execFileSync('arm-none-eabi-size', ['-A', program], { encoding: 'utf8' }).matchAll(/^(\.\S+) +(\d+)/gm);
  return Object.fromEntries(Array.from(lines, ([, name, bytes]) => [name, Number(bytes)]));
}

/** With `-icount shift=7` each instruction takes 2^7 ns of the time of the machine, whatever the host does. */
const SHIFT = 7;

/** Instructions in so many ticks of SysTick; exact, because an instruction takes more than two ticks. */
export const instructionsIn = (core, ticks) => Math.round(ticks / (core.clock * 1e-9 * 2 ** SHIFT));

/** Runs a program, and gives the numbers that it said, by word. */
export function runCortex(core, program) {
  const machine = ['-M', core.machine, '-icount', `shift=${SHIFT}`, '-kernel', program];
  const quiet = ['-display', 'none', '-monitor', 'none', '-serial', 'none'];
  const output = ['-chardev', 'stdio,id=out', '-semihosting-config', 'enable=on,target=native,chardev=out'];
  const text = execFileSync('qemu-system-arm', [...machine, ...quiet, ...output], {
    ...{ encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 2 ** 28, timeout: 120_000 },
  });
  return saidIn(text);
}

/** All numbers of 32 bits that `say` wrote with each word. */
export function saidIn(text) {
  const said = new Map();
  for (const [, word, digits] of text.matchAll(/\b([a-z]\w*)((?: [0-9a-f]{8})+)/g)) {
    const numbers = said.get(word) ?? [];
    said.set(word, numbers);
    for (const number of digits.trim().split(' ')) numbers.push(Number.parseInt(number, 16) | 0);
  }
  return said;
}
