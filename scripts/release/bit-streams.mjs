import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Copies the bit streams of FPGA boards, each with its report, from the folder where `devices/rtl/build.mjs` wrote
 * them, and gives the paths of the copies; none where none were built. Throws where one is not what its report says, is
 * of other RTL than `digestOf` has for its board, or is too slow for its clock.
 */
export function copyBitStreams(built, folder, digestOf) {
  const reports = existsSync(built) ? readdirSync(built).filter((name) => name.endsWith('.report.json')) : [];
  return reports.toSorted().flatMap((name) => {
    const stream = name.replace(/report\.json$/, 'bin');
    const problem = problemOf(JSON.parse(readFileSync(join(built, name), 'utf8')), join(built, stream), digestOf);
    if (problem !== undefined) throw new Error(`${join(built, name)}: ${problem}; expected a build of this state`);
    return [stream, name].map((file) => {
      const copy = join(folder, `spikewire-fpga-${file}`);
      copyFileSync(join(built, file), copy);
      return copy;
    });
  });
}

function problemOf({ board, clock, frequencies, seed, sha256, rtl }, stream, digestOf) {
  if (createHash('sha256').update(readFileSync(stream)).digest('hex') !== sha256) return 'another bit stream';
  if (digestOf(board) !== rtl) return 'of other RTL';
  if (frequencies[seed] < clock) return `reaches ${frequencies[seed]} of ${clock} MHz`;
  return undefined;
}
