import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { coreSources, rtl } from './sources.mjs';

/** What a bit stream of a board is made of. `clock` is the frequency in MHz that placement aims at. */
export const boards = {
  'up5k-icebreaker': {
    clock: 24,
    synthesis: ['synth_ice40 -dsp -spram -abc9 -top bare'],
    defines: [],
    place: (files, seed) => [
      'nextpnr-ice40',
      ...['--up5k', '--package', 'sg48', '--pcf', join(rtl, 'boards/up5k-icebreaker/pins.pcf')],
      ...['--json', files.netlist, '--asc', files.placed, '--freq', '24', '--seed', seed, '--timing-allow-fail'],
    ],
    pack: (files) => ['icepack', files.placed, files.stream],
  },
  'ecp5-ulx3s': {
    clock: 60,
    synthesis: ['chparam -set MEMORY_BITS 15 bare', 'synth_ecp5 -abc9 -top bare'],
    defines: ['-DCORE_BLOCK_RAM'],
    place: (files, seed) => [
      'nextpnr-ecp5',
      ...['--25k', '--package', 'CABGA381', '--lpf', join(rtl, 'boards/ecp5-ulx3s/pins.lpf')],
      ...['--json', files.netlist, '--textcfg', files.placed, '--freq', '60', '--seed', seed, '--timing-allow-fail'],
    ],
    pack: (files) => ['ecppack', '--compress', files.placed, files.stream],
  },
};

/**
 * Synthesises, places with each seed, and packs the bit stream of the first seed into `folder`. Gives the report: what
 * it uses and the highest frequency by seed.
 */
export function buildBoard(name, folder, seeds) {
  const board = boards[name];
  mkdirSync(folder, { recursive: true });
  const file = (ending) => join(folder, `${name}.${ending}`);
  const files = { netlist: file('json'), placed: file('placed'), stream: file('bin') };
  const sources = [...coreSources, 'boards/bare.v'].map((source) => join(rtl, source));
  const script = file('ys');
  writeFileSync(
    script,
    [
      `read_verilog -I${rtl} ${[...board.defines, ...sources].join(' ')}`,
      ...board.synthesis,
      `write_json ${files.netlist}`,
    ].join('\n'),
  );
  execFileSync('yosys', ['-q', '-s', script], { stdio: ['ignore', 'ignore', 'inherit'] });
  const frequencies = {};
  let used = {};
  for (const seed of seeds) {
    const [program, ...options] = board.place(files, `${seed}`);
    const { stderr, status } = spawnSync(program, options, { encoding: 'utf8', maxBuffer: 2 ** 28 });
    writeFileSync(file('log'), stderr);
    if (status !== 0 && !/Max frequency/.test(stderr))
      throw new Error(`${program} ended with ${status}: ${file('log')}`);
    frequencies[seed] = Number([...stderr.matchAll(/Max frequency for clock.*?: ([\d.]+) MHz/g)].at(-1)[1]);
    used = Object.fromEntries(
      [...stderr.matchAll(/Info:\s+(\w+): *(\d+)\/ *(\d+) +(\d+)%/g)].map(([, cell, count, room]) => [
        cell,
        [+count, +room],
      ]),
    );
    if (seed === seeds[0] && status === 0) execFileSync(board.pack(files)[0], board.pack(files).slice(1));
  }
  return { board: name, used, frequencies, bytes: statSync(files.stream).size };
}
