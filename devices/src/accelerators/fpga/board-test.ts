import { SpikewireError } from '@spikewire/models';
import { openBoardLine } from './board-address.ts';
import { CORE_VERSION, type CoreRoom } from './core-description.ts';
import { addressIn, CoreMemory } from './core-memory.ts';
import { crc32 } from './crc32.ts';
import { FpgaLink } from './fpga-link.ts';
import { bytesOfWords, check, fill, setDigest } from './requests.ts';

/** Answers that are waited for one by one. */
const ANSWERS = 50;
/** Most words that are written to measure the speed of the line. */
const WRITTEN = 8192;
const PATTERNS = [0x5555, 0xaaaa, 0];

/** Tries the line, the core and the memory of a board, whose words it overwrites. Rejects with what is wrong. */
export async function testFpgaBoard(address: string): Promise<string[]> {
  const link = await FpgaLink.open(await openBoardLine(address));
  try {
    return await testLinkedBoard(link);
  } finally {
    await link.close();
  }
}

/** The same over an open link. */
export async function testLinkedBoard(link: FpgaLink): Promise<string[]> {
  const memory = new CoreMemory(link);
  const room = await memory.room();
  // From here on it holds no model.
  await link.send(setDigest(undefined));
  const lines = [describeCore(room), await testLine(link, memory, room), await testMemory(link, memory, room)];
  const { sent, repeated, broken } = link.counts;
  return [...lines, `faults: ${broken} broken frames, ${repeated} of ${sent} requests sent again`];
}

function describeCore({ memory, activity, program, pairs }: CoreRoom): string {
  const words = `${memory} words of memory, ${activity} of activity memory, ${program} of program`;
  return `core: version ${CORE_VERSION}, ${words}, ${2 * pairs} neurons`;
}

/** Time of an answer, and speed to the board. */
async function testLine(link: FpgaLink, memory: CoreMemory, room: CoreRoom): Promise<string> {
  const begun = performance.now();
  for (let k = 0; k < ANSWERS; k++) await memory.read(addressIn('memory', k), 1);
  const between = performance.now();
  const words = Uint16Array.from({ length: Math.min(WRITTEN, room.memory) }, (_, k) => (k * 40_503) >> 3);
  await memory.load(addressIn('memory', 0), words);
  const seconds = (performance.now() - between) / 1000;
  const milliseconds = (between - begun) / ANSWERS;
  const { frames, payload } = link.greeting;
  const speed = `${round(milliseconds)} ms per answer, ${round(words.byteLength / 1000 / seconds)} kB/s to the board`;
  return `line: ${speed}; ${frames} frames of ${payload} bytes in flight`;
}

/** Whether each word holds its bits, and each address leads to a word of its own. */
async function testMemory(link: FpgaLink, memory: CoreMemory, room: CoreRoom): Promise<string> {
  const start = addressIn('memory', 0);
  for (const pattern of PATTERNS) {
    await link.send(fill(start, room.memory, pattern));
    const found = Buffer.from(await link.send(check(start, room.memory))).readUInt32LE();
    if (found !== crc32(bytesOfWords(new Uint16Array(room.memory).fill(pattern))))
      throw wrongMemory(link, `holds other than ${pattern.toString(16)} in ${room.memory} words`);
  }
  const places = [0, ...Array.from({ length: 20 }, (_, bit) => 2 ** bit)].filter((at) => at < room.memory);
  for (const [k, at] of places.entries()) await memory.write(start + at, Uint16Array.of(k + 1));
  for (const [k, at] of places.entries()) {
    const [word] = await memory.read(start + at, 1);
    if (word !== k + 1) throw wrongMemory(link, `holds ${word} in word ${at}, where ${k + 1} was written`);
  }
  return `memory: all ${room.memory} words hold what is written`;
}

function wrongMemory({ name }: FpgaLink, problem: string): SpikewireError {
  return new SpikewireError('unsupported', name, problem, 'sound memory');
}

/** Three digits. */
const round = (value: number) => Number(value.toPrecision(3));
