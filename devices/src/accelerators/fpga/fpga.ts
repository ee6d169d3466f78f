import { readdir } from 'node:fs/promises';
import type { Abilities, AcceleratorDriver, ExecutorSource } from 'spikewire/accelerators';
import { openBoardLine, simulatorProgram } from './board-address.ts';
import { BoardPlaces } from './board-places.ts';
import { testFpgaBoard } from './board-test.ts';
import { type CoreRoom, INSTRUCTION_WORDS, rooms } from './core-description.ts';
import { CoreMemory } from './core-memory.ts';
import { flashCommand } from './flash-tool.ts';
import { FpgaLink } from './fpga-link.ts';
import { ENGINE, openFpgaNet } from './fpga-net.ts';
import { profilesOf } from './profiles.ts';
import { RULES } from './refusals.ts';

/** Serial lines by the names of their boards, which USB tells. */
const BY_ID = '/dev/serial/by-id';
const BOARDS = /icebreaker|pico-?ice|upduino|ulx3s|orangecrab/i;
const ECP5 = /ulx3s|orangecrab/i;

/** Boards with the core of devices/rtl, on a serial line or on SPI, and simulated ones. */
export const fpgaDriver: AcceleratorDriver = {
  scheme: 'fpga',
  summary: 'FPGA boards with the circuit of spikewire: fpga:/dev/ttyACM0, fpga:spi:/dev/spidev0.0, fpga:sim',

  async list() {
    const lines = await readdir(BY_ID).catch(() => []);
    const found = lines.filter((name) => BOARDS.test(name)).map((name) => `${BY_ID}/${name}`);
    const boards = [...found, ...(simulatorProgram() === undefined ? [] : ['sim'])];
    return boards.map((board) => ({
      address: `fpga:${board}`,
      name: nameOf(board),
      abilities: abilitiesOf(roomOf(board)),
    }));
  },

  profiles: async () => profilesOf(abilitiesOf),

  async open(rest): Promise<ExecutorSource> {
    const link = await FpgaLink.open(await openBoardLine(rest));
    try {
      const room = await new CoreMemory(link).room();
      return sourceOf(`fpga ${rest}`, link, room);
    } catch (problem) {
      await link.close();
      throw problem;
    }
  },

  test: testFpgaBoard,
  flash: flashCommand,
};

function nameOf(board: string): string {
  return board === 'sim' ? 'simulated board' : `board ${board.match(BOARDS)![0]}`;
}

/** By its name alone: a line that nobody has opened says nothing. */
export function roomOf(board: string): CoreRoom {
  if (board === 'sim') return rooms.simulated;
  return ECP5.test(board) ? rooms.ecp5 : rooms.up5k;
}

function sourceOf(name: string, link: FpgaLink, room: CoreRoom): ExecutorSource {
  const abilities = abilitiesOf(room);
  const board = {
    name,
    abilities,
    link,
    room,
    places: new BoardPlaces(name, room),
    entry: undefined,
    holds: undefined,
  };
  return {
    name,
    abilities,
    get isGone() {
      return link.isGone;
    },
    open: (bytes, { seed } = {}) => openFpgaNet(board, bytes, seed),
    close: () => link.close(),
  };
}

/** Instructions of the smallest net: a connection, a population, the end of the step. */
const SMALLEST_PROGRAM = 3 * INSTRUCTION_WORDS;

export function abilitiesOf({ memory, pairs, program, learning }: CoreRoom): Abilities {
  return {
    neurons: 2 * pairs,
    // Two dense weights are a word.
    synapses: 2 * memory,
    nets: Math.floor(program / SMALLEST_PROGRAM),
    longestDelay: 1,
    weightBits: [8, 4],
    membraneBits: [32, 16],
    kinds: [
      ...['Linear', 'Affine', 'Sparse', 'Scale', 'Flatten'],
      ...['IF', 'LIF', 'CubaLIF', 'Threshold', 'I', 'LI', 'Lowpass', 'CubaLI', 'ReLU'],
    ],
    rules: learning ? RULES : [],
    twin: ENGINE,
    runs: 'windows',
  };
}
