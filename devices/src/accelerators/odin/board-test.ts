import { RandomGenerator } from '@spikewire/models';
import { openPins } from './address.ts';
import { OdinBoard } from './board.ts';
import { type Chip, DISABLED, SIZE, SYNAPSE_BYTES } from './chips.ts';
import { lastBytes, type MemoryImage } from './memory-image.ts';

const ANSWERS = 50;
const SEED = 1;

/** Tries the lines and both memories of a chip, and whether each neuron spikes. Rejects with what is wrong. */
export async function testOdinBoard(chip: Chip, address: string): Promise<string[]> {
  const { pins } = await openPins(chip, address);
  const board = new OdinBoard(chip, pins);
  try {
    const memory = await testMemory(chip, board);
    const spikes = await testSpikes(chip, board);
    const line = await timeOf(board, chip);
    const { sent, repeated, broken } = pins.counts;
    const { repaired } = board.counts;
    return [
      memory,
      spikes,
      line,
      `faults: ${broken} broken frames, ${repeated} of ${sent} requests sent again, ${repaired} repairs`,
    ];
  } finally {
    await pins.close();
  }
}

/** Each bit has both values, and no two addresses have the same bytes. */
async function testMemory(chip: Chip, board: OdinBoard): Promise<string> {
  const begun = performance.now();
  const image = randomImage(chip);
  for (const each of [image, complementOf(chip, image)]) await board.load(each);
  const seconds = (performance.now() - begun) / 1000;
  const { verified } = board.counts;
  const size = `${SIZE * chip.neuronBytes} of neurons and ${SYNAPSE_BYTES} of synapses`;
  return `memory: ${verified / 2} bytes, ${size}, hold what was written in two rounds, in ${round(seconds)} s`;
}

function randomImage(chip: Chip): MemoryImage {
  const random = new RandomGenerator(SEED, 'memory');
  const bytes = (size: number) => Uint8Array.from({ length: size }, () => random.nextInteger(256));
  const image = { neurons: bytes(SIZE * chip.neuronBytes), synapses: bytes(SYNAPSE_BYTES) };
  return disabled(chip, { ...image, inhibitory: new Uint8Array(SIZE) });
}

function complementOf(chip: Chip, { neurons, synapses, inhibitory }: MemoryImage): MemoryImage {
  const inverse = (bytes: Uint8Array) => bytes.map((byte) => ~byte);
  return disabled(chip, { neurons: inverse(neurons), synapses: inverse(synapses), inhibitory });
}

/** Of a random word nobody knows when it spikes. */
function disabled(chip: Chip, image: MemoryImage): MemoryImage {
  for (const { at } of lastBytes(chip)) image.neurons[at]! |= DISABLED;
  return image;
}

/** A row that excites neurons one by one. */
async function testSpikes(chip: Chip, board: OdinBoard): Promise<string> {
  const neurons = new Uint8Array(SIZE * chip.neuronBytes);
  for (let n = 0; n < SIZE; n++) neurons.set(chip.neuron({ threshold: 1, leak: 0 }), n * chip.neuronBytes);
  const synapses = new Uint8Array(SYNAPSE_BYTES).fill(chip.synapse(1, false) * 0x11, 0, SIZE / 2);
  await board.load({ neurons, synapses, inhibitory: new Uint8Array(SIZE) });
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
