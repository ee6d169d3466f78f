import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { coreSources, rtl } from './sources.mjs';

/** What a bit stream of a board is made of. `clock` is the frequency in MHz that placement aims at. */
export const boards = {
  'up5k-icebreaker': {
    clock: 24,
    defines: [],
    synthesis: ['synth_ice40 -dsp -spram -abc9 -top bare'],
    place: ({ netlist, placed }) => [
      'nextpnr-ice40',
      ...['--up5k', '--package', 'sg48', '--pcf', join(rtl, 'boards/up5k-icebreaker/pins.pcf')],
      ...['--json', netlist, '--asc', placed],
    ],
    pack: ({ placed, stream }) => ['icepack', placed, stream],
  },
  'ecp5-ulx3s': {
    clock: 60,
    defines: ['-DCORE_BLOCK_RAM'],
    synthesis: ['chparam -set MEMORY_BITS 15 bare', 'synth_ecp5 -abc9 -top bare'],
    place: ({ netlist, placed }) => [
      'nextpnr-ecp5',
      ...['--25k', '--package', 'CABGA381', '--lpf', join(rtl, 'boards/ecp5-ulx3s/pins.lpf')],
      ...['--json', netlist, '--textcfg', placed],
    ],
    pack: ({ placed, stream }) => ['ecppack', '--compress', placed, stream],
  },
};

/**
 * Synthesises, places with each seed, and packs the bit stream of the first one into `folder`. Gives the report: the
 * [used, available] cells by kind, the highest frequency in MHz by seed, and the bytes of the bit stream.
 */
export function buildBoard(name, folder, seeds) {
  const board = boards[name];
  mkdirSync(folder, { recursive: true });
  const file = (ending) => join(folder, `${name}.${ending}`);
  const files = { script: file('ys'), netlist: file('json'), placed: file('placed'), stream: file('bin') };
  synthesise(board, files);
  const reports = seeds.map((seed, k) => {
    const report = place(board, files, seed);
    console.error(`${name}, seed ${seed}: ${report.frequency} MHz`);
    if (k === 0) run(board.pack(files));
    return report;
  });
  const frequencies = Object.fromEntries(reports.map(({ frequency }, k) => [seeds[k], frequency]));
  return { board: name, clock: board.clock, used: reports[0].used, frequencies, bytes: statSync(files.stream).size };
}

function synthesise({ defines, synthesis }, { script, netlist }) {
  const sources = [...coreSources, 'boards/bare.v'].map((source) => join(rtl, source));
  const read = ['read_verilog', `-I${rtl}`, ...defines, ...sources].join(' ');
  writeFileSync(script, [read, ...synthesis, `write_json ${netlist}`].join('\n'));
  run(['yosys', '-q', '-s', script]);
}

function place({ place, clock }, files, seed) {
  const [program, ...options] = [...place(files), '--freq', `${clock}`, '--seed', seed, '--timing-allow-fail'];
  const { stderr, status } = spawnSync(program, options, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${program} ended with ${status}:\n${stderr.slice(-2000)}`);
  const cells = [...stderr.matchAll(/Info:\s+(\w+): *(\d+)\/ *(\d+) +\d+%/g)];
  // The last of each is that after routing.
  const frequency = Number([...stderr.matchAll(/Max frequency for clock.*?: ([\d.]+) MHz/g)].at(-1)[1]);
  return { frequency, used: Object.fromEntries(cells.map(([, cell, used, all]) => [cell, [+used, +all]])) };
}

function run([program, ...options]) {
  execFileSync(program, options, { stdio: ['ignore', 'ignore', 'inherit'] });
}
