import { openPins } from './address.ts';
import { OdinBoard } from './board.ts';
import { type Chip, SIZE, SYNAPSE_BYTES } from './chips.ts';

const PATTERNS = [0x55, 0xaa];
const ANSWERS = 50;

/** Tries the lines and both memories of a chip, and whether each neuron spikes. Rejects with what is wrong. */
export async function testOdinBoard(chip: Chip, address: string): Promise<string[]> {
  const { pins } = await openPins(chip, address);
  const board = new OdinBoard(chip, pins);
  try {
    const begun = performance.now();
    for (const pattern of PATTERNS) await board.load(imageOf(chip, pattern));
    const seconds = (performance.now() - begun) / 1000;
    const { verified } = board.counts;
    const spikes = await testSpikes(chip, board);
    const line = await timeOf(board, chip);
    const { sent, repeated, broken } = pins.counts;
    const { repaired } = board.counts;
    return [
      `memory: ${verified} bytes hold what was written, in ${round(seconds)} s`,
      spikes,
      line,
      `faults: ${broken} broken frames, ${repeated} of ${sent} requests sent again, ${repaired} repairs`,
    ];
  } finally {
    await pins.close();
  }
}

/** All neurons with the same threshold, and synapses of one pattern. */
function imageOf(chip: Chip, pattern: number) {
  const { neuronBytes } = chip;
  const neurons = new Uint8Array(SIZE * neuronBytes);
  for (let n = 0; n < SIZE; n++) neurons.set(chip.neuron({ threshold: 1, leak: 0 }), n * neuronBytes);
  const synapses = new Uint8Array(SYNAPSE_BYTES).fill(pattern);
  return { neurons, synapses, inhibitory: new Uint8Array(SIZE) };
}

/** A row that excites neurons one by one. */
async function testSpikes(chip: Chip, board: OdinBoard): Promise<string> {
  const image = imageOf(chip, 0);
  image.synapses.fill(chip.synapse(1, false) * 0x11, 0, SIZE / 2);
  await board.load(image);
  const spikes = await board.events([chip.row(0)]);
  if (spikes.length === SIZE && spikes.every((neuron, k) => neuron === k))
    return `spikes: all ${SIZE} neurons, in order`;
  throw board.refuse(`answers a row of ${SIZE} spikes with ${spikes.length}`, 'each neuron once, in order');
}

async function timeOf(board: OdinBoard, chip: Chip): Promise<string> {
  const begun = performance.now();
  for (let k = 0; k < ANSWERS; k++) await board.events([chip.leakAll]);
  return `line: ${round((performance.now() - begun) / ANSWERS)} ms for events and their answer`;
}

/** Three digits. */
const round = (value: number) => Number(value.toPrecision(3));
