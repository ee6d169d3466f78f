import { SpikewireError } from '@spikewire/models';
import { readAddress } from './board-address.ts';
import { readInfo, readTag, readTagCounts, readWord } from './replies.ts';
import { allocate, freeAll, getTag, info, read, tagTimeout, write } from './requests.ts';
import { MOST_DATA } from './scp.ts';
import type { ScpLink } from './scp-link.ts';
import { openLink } from './spinnaker-board.ts';

const ANSWERS = 50;
const SCRATCH_BYTES = 1024;
/** An application that no tool chain uses, so that all its blocks are those of this test. */
const APPLICATION = 254;

/**
 * Asks a board who it is, which tags it has, and whether a block of its memory holds what is written. The block is one
 * that the board gives, and gets back; nothing else changes. Rejects with what is wrong.
 */
export async function testSpinnakerBoard(rest: string): Promise<string[]> {
  const link = await openLink(rest, readAddress(rest));
  try {
    const { name, hardware, version, x, y } = await link.expectMonitor();
    const monitor = `monitor: ${name} ${version.join('.')} on ${hardware}, chip ${x}, ${y}`;
    const lines = [monitor, await chipOf(link), await tagsOf(link), await lineOf(link), await memoryOf(link)];
    const { requests, repeated, busy, strange } = link.counts;
    const faults = `${repeated} of ${requests} requests sent again (${busy} because the board was busy)`;
    return [...lines, `faults: ${faults}, ${strange} replies of a strange form`];
  } finally {
    await link.close();
  }
}

async function chipOf(link: ScpLink): Promise<string> {
  const { cores, workingLinks, freeRouterEntries, freeSdram, coreStates } = readInfo(await link.request(info()));
  const running = coreStates.slice(0, cores).filter((state) => state === 7).length;
  const memory = `${freeSdram} bytes of SDRAM and ${freeRouterEntries} router entries free`;
  return `chip: ${cores} cores, ${running} of them run, ${workingLinks.length} of 6 links, ${memory}`;
}

async function tagsOf(link: ScpLink): Promise<string> {
  const { pool, fixed } = readTagCounts(await link.request(tagTimeout()));
  const used: string[] = [];
  for (let tag = 0; tag < fixed + pool; tag++) {
    const { isUsed, isReverse, address, port, receives, count } = readTag(await link.request(getTag(tag)));
    const target = isReverse ? `from port ${receives}` : `to ${address}:${port}`;
    if (isUsed) used.push(`${tag} ${target} (${count} messages)`);
  }
  return `tags: ${fixed + pool}, in use: ${used.join(', ') || 'none'}`;
}

async function lineOf(link: ScpLink): Promise<string> {
  const times: number[] = [];
  for (let k = 0; k < ANSWERS; k++) {
    const begun = performance.now();
    await link.expectMonitor();
    times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  return `line: ${round(times[ANSWERS >> 1]!)} ms per answer, ${round(times.at(-1)!)} ms at most`;
}

async function memoryOf(link: ScpLink): Promise<string> {
  const address = readWord(await link.request(allocate(SCRATCH_BYTES, APPLICATION)));
  if (address === 0) return `memory: not tried, since the board gives no block of ${SCRATCH_BYTES} bytes`;
  try {
    for (const invert of [0, 0xff]) await tryBlock(link, address, invert);
  } finally {
    await link.request(freeAll(APPLICATION));
  }
  return `memory: ${SCRATCH_BYTES} bytes hold what is written`;
}

async function tryBlock(link: ScpLink, address: number, invert: number): Promise<void> {
  const pattern = Uint8Array.from({ length: SCRATCH_BYTES }, (_, k) => ((k * 167) >> 2) ^ invert);
  // Pieces of other lengths than words, so that all widths of access are tried.
  const pieces = [MOST_DATA, MOST_DATA - 2, MOST_DATA - 1, MOST_DATA, 3];
  for (let [k, at] = [0, 0]; k < pieces.length; at += pieces[k]!, k++)
    await link.request(write(address + at, pattern.subarray(at, at + pieces[k]!)));
  for (let at = 0; at < SCRATCH_BYTES; at += MOST_DATA) {
    const found = await link.request(read(address + at, MOST_DATA));
    const wrong = found.findIndex((byte, k) => byte !== pattern[at + k]);
    if (found.length === MOST_DATA && wrong < 0) continue;
    const where = (address + at + Math.max(0, wrong)).toString(16);
    throw new SpikewireError('unsupported', link.name, `holds another byte at ${where}`, 'the one that was written');
  }
}

/** Three digits. */
const round = (value: number) => Number(value.toPrecision(3));
