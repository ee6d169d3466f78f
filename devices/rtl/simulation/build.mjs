// Builds a simulated board with Verilator: `node devices/rtl/simulation/build.mjs <folder> [core] [line]`.
//   core   `core` (default), or `echo`: a core of memory for tests of the link
//   line   `uart` (default), `bytes` or `spi`, see board.cpp
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const RTL = fileURLToPath(new URL('..', import.meta.url));
const TOPS = { uart: 'uart_board', bytes: 'device', spi: 'spi_board' };
/** Bits of a cycle of the board's clock: few, so that a byte takes little time. */
const DIVIDER = 4;

/** Builds into a folder, and gives the path of the program. */
export function buildBoard(folder, { core = 'core', line = 'uart' } = {}) {
  const top = TOPS[line];
  const echo = core === 'echo' ? ['-y', join(RTL, 'simulation/echo')] : [];
  const flags = `-O2 -DLINE_${line.toUpperCase()} -DDIV=${DIVIDER}`;
  const args = ['--cc', '--exe', '--build', '-j', '2', '-O3', '--x-assign', 'fast', '--noassert', '-Wno-fatal'];
  const parameters = line === 'uart' ? [`-GDIV=${DIVIDER}`] : [];
  const files = [join(RTL, `${top}.v`), join(RTL, 'simulation/board.cpp')];
  const names = [
    '--top-module',
    top,
    '--prefix',
    'Vboard',
    '-o',
    'board',
    ...echo,
    '-y',
    RTL,
    `-I${RTL}`,
    '--Mdir',
    folder,
  ];
  const all = [...args, ...parameters, ...names, '-CFLAGS', flags, '-LDFLAGS', '-lutil', ...files];
  execFileSync('verilator', all, { stdio: ['ignore', 'ignore', 'inherit'] });
  return join(folder, 'board');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, core, line] = process.argv.slice(2);
  if (folder === undefined) throw new Error('build: needs a folder');
  console.log(buildBoard(folder, { core, line }));
}
