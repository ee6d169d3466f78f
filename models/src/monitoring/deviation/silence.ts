import { kept, real } from '../../kept-numbers.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { shortNumber } from '../../printable.ts';
import { CalledNormal, roomOf } from '../monitor/called-normal.ts';
import { NOTHING } from '../monitor/evidence.ts';
import { limitChanges } from '../monitor/limit-changes.ts';
import { monitorKind, watchParameters } from '../monitor/monitor.ts';
import { RepeatedLongest } from '../usual/repeated-longest.ts';

const parameters = {
  ...watchParameters,
  warmUp: { ...watchParameters.warmUp, default: 20 },
  sensitivity: { ...watchParameters.sensitivity, default: 3 },
  // The reading that ends a silence tells of it a second time.
  holdOff: { ...watchParameters.holdOff, default: 1 },
  memory: {
    doc: 'the usual interval is the longest that has come three times within so many scores',
    form: 'integer',
    default: 1000,
    minimum: 10,
    maximum: 1_000_000_000,
  },
} as const satisfies ParameterTable;

/** Milliseconds of readings that count as one: the clock that notices their absence does not tick faster. */
const BURST = 1000;
/** Milliseconds that the usual interval has at least. */
const LEAST_INTERVAL = 1;

/**
 * Silence: no reading for longer than usual. Score = time since the last reading over the usual interval, at every tick
 * of the clock, and once more with the reading that ends it.
 *
 * The usual interval is the longest that has come three times lately. One outage, or two, do not become the usual; a
 * slower sensor does with its third reading, and so does the pause of one that sends in bursts. Of readings that come
 * within a second the longest interval counts.
 */
export const silence = monitorKind({
  type: 'silence',
  title: 'silent sensor',
  about: 'time since the last reading',
  parameters,
  ticks: true,

  prepare({ memory, normalFor }) {
    const longest = new RepeatedLongest(memory);
    const normal = new CalledNormal(1, normalFor);
    /** [milliseconds that gave the last score, longest interval since a reading was scored, milliseconds since then] */
    const last = new Float64Array(3);
    const evidence = new Float64Array(1);
    // Before any interval is known none is too long.
    const learned = () =>
      Number.isNaN(longest.value) ? Number.POSITIVE_INFINITY : Math.max(LEAST_INTERVAL, longest.value);
    const usual = () => normal.usual(0, learned());
    return {
      read({ interval }, { learning, sensitivity }) {
        if (Number.isNaN(interval)) return undefined;
        last[1] = Math.max(last[1]!, interval);
        last[2]! += interval;
        if (last[2]! < BURST) return undefined;
        last.set([last[1], 0, 0]);
        const found = normal.score(0, last[0]!, sensitivity, learned());
        evidence[0] = found > sensitivity ? last[0]! : NOTHING;
        if (learning) longest.learn(last[0]!);
        return found;
      },
      tick(elapsed) {
        last[0] = evidence[0] = elapsed;
        return elapsed / usual();
      },
      reason: () =>
        `no reading for ${shortNumber(last[0]! / 1000)} s, usually for ${shortNumber(usual() / 1000)} s at most`,
      evidence,
      accept([longestSilence], { name, sensitivity, isOver }) {
        const limit = { of: '', value: () => (sensitivity * usual()) / 1000 };
        const accept = () => normal.accept(0, longestSilence!, sensitivity, learned(), roomOf(isOver));
        return limitChanges(name, [limit], accept, ' s');
      },
      accepted: normal,
      state: { last: kept(last, real()), longest: longest.kept, ...normal.state },
    };
  },
});
