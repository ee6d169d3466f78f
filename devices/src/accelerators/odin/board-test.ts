import { RandomGenerator } from '@spikewire/models';
import { openPins } from './address.ts';
import { OdinBoard } from './board.ts';
import { modelOf } from './chip-model.ts';
import { type Chip, DISABLED, SIZE, SYNAPSE_BYTES } from './chips.ts';
import { lastBytes, type MemoryImage } from './memory-image.ts';

const ANSWERS = 50;
/** Random events, and how many are handed over together. */
const [EVENTS, TOGETHER] = [640, 16];
const SEED = 1;

/**
 * Tries the lines and both memories of a chip, whether each neuron spikes, and whether random events do what they do to
 * the chip in software. Rejects with what is wrong.
 */
export async function testOdinBoard(chip: Chip, address: string): Promise<string[]> {
  const { pins } = await openPins(chip, address);
  const board = new OdinBoard(chip, pins);
  try {
    const memory = await testMemory(chip, board);
    const spikes = await testSpikes(chip, board);
    const software = await testAgainstSoftware(chip, board);
    const line = await timeOf(board, chip);
    const { sent, repeated, broken } = pins.counts;
    const { repaired } = board.counts;
    return [
      memory,
      spikes,
      software,
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

/** Random rows and leaks, on random synapses: the same spikes, and membranes in the end. */
async function testAgainstSoftware(chip: Chip, board: OdinBoard): Promise<string> {
  const random = new RandomGenerator(SEED, 'events');
  const image = randomNet(chip, random);
  await board.load(image);
  const model = modelOf(chip);
  model.neurons.set(image.neurons);
  model.synapses.set(image.synapses);
  for (const [register, value] of chip.settings(image.inhibitory)) model.setRegister(register, value);
  model.setRegister(chip.registers.openLoop, 1);
  model.serve(chip.leakAll);
  let spikes = 0;
  for (let at = 0; at < EVENTS; at += TOGETHER) {
    const draw = () => (random.nextInteger(4) === 0 ? chip.leakAll : chip.row(random.nextInteger(chip.rows)));
    const events = Array.from({ length: TOGETHER }, draw);
    const expected = events.flatMap((event) => model.serve(event));
    const found = await board.events(events);
    const odd = expected.findIndex((column, k) => found[k] !== column);
    if (odd >= 0 || found.length !== expected.length)
      throw board.refuse(
        `spikes unlike its software in events ${at} to ${at + TOGETHER - 1} (${found.length} spikes)`,
        `${expected.length} spikes, the same in order`,
      );
    spikes += expected.length;
  }
  const columns = Array.from({ length: SIZE }, (_, column) => column);
  const bytesOf = (column: number) => chip.state.map(({ byte }) => model.neurons[column * chip.neuronBytes + byte]!);
  const membranes = await board.readMembranes(columns);
  const wrong = columns.find((column) => membranes[column] !== chip.membraneOf(bytesOf(column)));
  if (wrong === undefined)
    return `software: ${EVENTS} random events, ${spikes} spikes and ${SIZE} membranes are the same`;
  throw board.refuse(
    `has the membrane ${membranes[wrong]} in neuron ${wrong} after ${EVENTS} events`,
    `${chip.membraneOf(bytesOf(wrong))}, as its software`,
  );
}

function randomNet(chip: Chip, random: RandomGenerator): MemoryImage {
  const neurons = new Uint8Array(SIZE * chip.neuronBytes);
  for (let n = 0; n < SIZE; n++) {
    const setup = { threshold: 8 + random.nextInteger(32), leak: random.nextInteger(4) };
    neurons.set(chip.neuron(setup), n * chip.neuronBytes);
  }
  const synapses = Uint8Array.from({ length: SYNAPSE_BYTES }, () => random.nextInteger(256));
  const inhibitory = Uint8Array.from({ length: SIZE }, () => Number(random.nextInteger(4) === 0));
  return { neurons, synapses, inhibitory };
}

async function timeOf(board: OdinBoard, chip: Chip): Promise<string> {
  const begun = performance.now();
  for (let k = 0; k < ANSWERS; k++) await board.events([chip.leakAll]);
  return `line: ${round((performance.now() - begun) / ANSWERS)} ms for events and their answer`;
}

/** Three digits. */
const round = (value: number) => Number(value.toPrecision(3));
