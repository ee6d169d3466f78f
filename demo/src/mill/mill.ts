import { RandomGenerator } from '@spikewire/models';

/** What the mill does, by what it sounds like. */
export const STATES = ['idle', 'milling', 'worn'] as const;
export type State = (typeof STATES)[number];

/** Samples of a block, and per second. */
export const BLOCK = 256;
export const RATE = 2560;
/** The first blocks, of which the net is told what they were: they show each state several times. */
export const INTRODUCED = 90;
/** Blocks before anything drifts, before all has, and in all. */
export const STEADY = 120;
export const DRIFTED = 220;
export const BLOCKS = 600;

/** What changes while it warms up: from the last steady block to the first that has drifted. */
const DRIFT = {
  /** Teeth that cut per second. */
  teeth: [180, 260],
  /** At which the frame rings, in Hz. */
  resonance: [720, 470],
  /** What the sensor shows of 1 g: its magnet comes loose. */
  gain: [1, 0.6],
  noise: [0.15, 0.2],
} as const;
/** Blocks of one state at least and at most, while it is introduced and then: at 3.4 blocks a second 5 to 10 s. */
const INTRODUCED_TURN = [4, 12] as const;
export const TURN = [17, 34] as const;

/**
 * A simulated milling machine with an accelerometer, in g: it hums when idle, its teeth cut when it mills, and where
 * they are worn each strikes and the frame rings. From block {@link STEADY} to {@link DRIFTED} speed, resonance, sensor
 * and noise drift, and stay as they then are. Block k follows from its number and the seed alone.
 */
export class Mill {
  readonly #seed: number;
  readonly #states: readonly State[];

  constructor(seed: number) {
    this.#seed = seed;
    this.#states = drawStates(new RandomGenerator(seed, 'mill states'));
  }

  stateOf(k: number): State {
    return this.#states[k]!;
  }

  blockOf(k: number): Float64Array {
    const random = new RandomGenerator(this.#seed, `mill block ${k}`);
    const warmth = Math.min(1, Math.max(0, k - STEADY) / (DRIFTED - STEADY));
    const at = ([from, to]: readonly [number, number]) => from + warmth * (to - from);
    const state = this.stateOf(k);
    const teeth = at(DRIFT.teeth);
    const start = random.nextUniform();
    const strength = 0.9 + 0.2 * random.nextUniform();
    return Float64Array.from({ length: BLOCK }, (_, n) => {
      const time = n / RATE;
      const phase = teeth * time + start;
      const hum = 0.25 * Math.sin(2 * Math.PI * (50 * time + start));
      const cut = state === 'idle' ? 0 : strength * Math.sin(2 * Math.PI * phase);
      const strike = state === 'worn' ? ringing((phase % 1) / teeth, at(DRIFT.resonance)) : 0;
      return at(DRIFT.gain) * (hum + cut + strike) + at(DRIFT.noise) * random.nextNormal();
    });
  }
}

/** A frame that was struck `since` seconds ago. */
function ringing(since: number, resonance: number): number {
  return 0.8 * Math.exp(-since / 0.002) * Math.sin(2 * Math.PI * resonance * since);
}

/** A state for each block, in turns of several blocks, none twice in a row. */
function drawStates(random: RandomGenerator): State[] {
  const states: State[] = [];
  for (let state = 0; states.length < BLOCKS; ) {
    const [shortest, longest] = states.length < INTRODUCED ? INTRODUCED_TURN : TURN;
    const turn = shortest + Math.floor((longest - shortest + 1) * random.nextUniform());
    for (let k = 0; k < turn && states.length < BLOCKS; k++) states.push(STATES[state]!);
    state = (state + 1 + Math.floor(2 * random.nextUniform())) % STATES.length;
  }
  return states;
}
