import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { coreSources, linkSources, rtl } from './sources.mjs';

const ice40 = {
  top: 'ice40up5k.v',
  clock: 24,
  parameters: { CLOCK: 24 },
  synthesis: ['synth_ice40 -dsp -spram -abc9 -top board'],
  place: ({ netlist, placed, pins }) => [
    ...['nextpnr-ice40', '--up5k', '--package', 'sg48', '--pcf', `${pins}.pcf`],
    ...['--json', netlist, '--asc', placed],
  ],
  pack: ({ placed, stream }) => ['icepack', placed, stream],
};

const ecp5 = {
  top: 'ecp5.v',
  clock: 60,
  synthesis: ['synth_ecp5 -abc9 -top board'],
  place: ({ netlist, placed, pins }, { packing }) => [
    ...['nextpnr-ecp5', '--25k', '--package', packing, '--lpf', `${pins}.lpf`, '--lpf-allow-unconstrained'],
    ...['--json', netlist, '--textcfg', placed],
  ],
  pack: ({ placed, stream }) => ['ecppack', '--compress', placed, stream],
};

/**
 * What a bit stream of a board is made of: `clock` is its frequency in MHz, `defines` are macros and `parameters` are
 * parameters of its top. Pins are in `boards/<name>/`.
 */
export const boards = {
  'up5k-icebreaker': { ...ice40, defines: ['CLOCK_PAD'] },
  'up5k-pico-ice': { ...ice40, defines: ['CLOCK_PAD'] },
  'up5k-upduino': { ...ice40, defines: [], uartDefines: ['FLASH_CS'] },
  'ecp5-ulx3s': { ...ecp5, defines: ['CORE_BLOCK_RAM'], packing: 'CABGA381' },
  'ecp5-orangecrab': {
    ...{ ...ecp5, defines: ['CORE_BLOCK_RAM', 'LEDS_ACTIVE_LOW'], packing: 'CSFBGA285' },
    parameters: { CLOCK_DOWN: 4, CLOCK_UP: 5 },
  },
};

export const lines = ['uart', 'spi'];

/** The SHA-256 of all that a bit stream of a board is made of: files, and what is decided here. */
export function digestOfSources(name) {
  const board = boards[name];
  const { top } = board;
  const pins = readdirSync(join(rtl, 'boards', name)).map((file) => join('boards', name, file));
  const headers = readdirSync(rtl).filter((file) => file.endsWith('.vh'));
  const files = [...coreSources, ...linkSources, ...headers, join('boards', top), ...pins].toSorted();
  const digest = createHash('sha256');
  for (const file of files) digest.update(file).update(readFileSync(join(rtl, file)));
  digest.update(JSON.stringify([board, board.place({}, board), board.pack({})]));
  return digest.digest('hex');
}

/** The programs that build a board, each with the option that makes it name its version. */
export function toolsOf(name) {
  const [placer] = boards[name].place({}, {});
  return { yosys: '-V', [placer]: '--version' };
}

/**
 * Synthesises a board with a line, `uart` or `spi`, places it with each seed, and packs the bit stream of the seed that
 * gives the highest frequency into `folder`, with a report beside it. Gives the report: the [used, available] cells by
 * kind, the highest frequency in MHz by seed, the seed of the bit stream, its bytes and SHA-256, the SHA-256 of the RTL
 * that it was made of, and the tools.
 */
export function buildBoard(name, folder, { line = 'uart', seeds = ['1'] } = {}) {
  const board = boards[name];
  mkdirSync(folder, { recursive: true });
  const file = (ending) => join(folder, `${name}-${line}.${ending}`);
  const files = {
    ...{ script: file('ys'), netlist: file('json'), placed: file('placed'), stream: file('bin') },
    pins: join(rtl, 'boards', name, 'pins'),
  };
  synthesise(board, line, files);
  let best;
  /** @type {Record<string, number>} */
  const frequencies = {};
  for (const seed of seeds) {
    const report = place(board, files, seed);
    console.error(`${name} on ${line}, seed ${seed}: ${report.frequency} MHz`);
    frequencies[seed] = report.frequency;
    if (best !== undefined && best.frequency >= report.frequency) continue;
    best = { ...report, seed };
    run(board.pack(files));
  }
  const bytes = readFileSync(files.stream);
  const report = {
    ...{ board: name, line, clock: board.clock, used: best.used, frequencies, seed: best.seed, bytes: bytes.length },
    sha256: createHash('sha256').update(bytes).digest('hex'),
    rtl: digestOfSources(name),
    tools: Object.entries(toolsOf(name)).map(([tool, option]) => versionOf(tool, option)),
  };
  writeFileSync(file('report.json'), `${JSON.stringify(report, undefined, 2)}\n`);
  return report;
}

function synthesise({ top, defines, uartDefines = [], parameters = {}, synthesis }, line, { script, netlist }) {
  const sources = [...coreSources, ...linkSources, `boards/${top}`].map((source) => join(rtl, source));
  const macros = [...defines, ...(line === 'spi' ? ['LINE_SPI'] : uartDefines)].map((name) => `-D${name}`);
  const read = ['read_verilog -sv', `-I${rtl}`, ...macros, ...sources].join(' ');
  const set = Object.entries(parameters).map(([name, value]) => `chparam -set ${name} ${value} board`);
  writeFileSync(script, [read, ...set, ...synthesis, `write_json ${netlist}`].join('\n'));
  run(['yosys', '-q', '-s', script]);
}

function place(board, files, seed) {
  const command = [...board.place(files, board), '--freq', `${board.clock}`, '--seed', seed, '--timing-allow-fail'];
  const [program, ...options] = command;
  const { stderr, status } = spawnSync(program, options, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${program} ended with ${status}:\n${stderr.slice(-2000)}`);
  const cells = [...stderr.matchAll(/Info:\s+(\w+): *(\d+)\/ *(\d+) +\d+%/g)];
  // The last of each is that after routing.
  const frequency = Number([...stderr.matchAll(/Max frequency for clock.*?: ([\d.]+) MHz/g)].at(-1)[1]);
  return { frequency, used: Object.fromEntries(cells.map(([, cell, used, all]) => [cell, [+used, +all]])) };
}

/** The line in which a program names itself: `Yosys 0.52 …`. */
function versionOf(tool, option) {
  const { stdout, stderr } = spawnSync(tool, [option], { encoding: 'utf8' });
  return `${stdout}${stderr}`
    .trim()
    .split('\n')[0]
    .replace(/^"?([^"]*?)"? -- /, '$1, ');
}

function run([program, ...options]) {
  execFileSync(program, options, { stdio: ['ignore', 'ignore', 'inherit'] });
}
