import { readdir } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';
import type { Abilities, AcceleratorDriver, ExecutorSource } from 'spikewire/accelerators';
import { openBoardLine, simulatorProgram } from './board-address.ts';
import { type CoreRoom, rooms } from './core-description.ts';
import { CoreMemory } from './core-memory.ts';
import { FpgaLink } from './fpga-link.ts';
import { openFpgaNet } from './fpga-net.ts';
import { RULES } from './refusals.ts';

/** Serial lines by the names of their boards, which USB tells. */
const BY_ID = '/dev/serial/by-id';
const BOARDS = /icebreaker|pico-?ice|upduino|ulx3s|orangecrab/i;

/** Boards with the core of devices/rtl, on a serial line or on SPI, and simulated ones. */
export const fpgaDriver: AcceleratorDriver = {
  scheme: 'fpga',
  summary: 'FPGA boards with the core of spikewire: fpga:/dev/ttyACM0, fpga:spi:/dev/spidev0.0, fpga:sim',

  async list() {
    const lines = await readdir(BY_ID).catch(() => []);
    const found = lines.filter((name) => BOARDS.test(name)).map((name) => `${BY_ID}/${name}`);
    const boards = [...found, ...(simulatorProgram() === undefined ? [] : ['sim'])];
    const abilities = abilitiesOf(rooms.up5k);
    return boards.map((board) => ({ address: `fpga:${board}`, name: nameOf(board), abilities }));
  },

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
};

function nameOf(board: string): string {
  return board === 'sim' ? 'simulated board' : `board ${board.match(BOARDS)![0]}`;
}

function sourceOf(name: string, link: FpgaLink, room: CoreRoom): ExecutorSource {
  const abilities = abilitiesOf(room);
  const board = { name, abilities, link, room };
  let isTaken = false;
  return {
    name,
    abilities,
    async open(bytes) {
      if (isTaken) throw new SpikewireError('unsupported', name, 'holds a net', 'one net at a time');
      isTaken = true;
      const release = () => {
        isTaken = false;
      };
      try {
        return await openFpgaNet(board, bytes, release);
      } catch (problem) {
        release();
        throw problem;
      }
    },
    close: () => link.close(),
  };
}

function abilitiesOf({ memory, pairs, learning }: CoreRoom): Abilities {
  return {
    neurons: 2 * pairs,
    // Two dense weights are a word.
    synapses: 2 * memory,
    nets: 1,
    longestDelay: 1,
    weightBits: [8, 4],
    membraneBits: [32, 16],
    kinds: [
      ...['Linear', 'Affine', 'Sparse', 'Scale', 'Flatten'],
      ...['IF', 'LIF', 'CubaLIF', 'Threshold', 'I', 'LI', 'Lowpass', 'CubaLI', 'ReLU'],
    ],
    rules: learning ? RULES : [],
    runs: 'windows',
  };
}
