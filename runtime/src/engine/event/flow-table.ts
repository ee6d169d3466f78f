/**
 * Places of the grid along the two state variables. More along the second: a neuron comes from its reset, where the membrane is always the
 * same, so that it is the second that tells when it spikes.
 */
const [PLACES_V, PLACES_U] = [64, 192];
const SIZE = PLACES_V * PLACES_U;
/** Stretches of 1, 2, 4, … steps for which the state at their end is kept. */
const STRETCHES = 9;
/** Longest stretch, in steps. */
const LONGEST = 2 ** (STRETCHES - 1);
/** How often the times of spikes beyond the longest stretch are followed on before they count as never. */
const ROUNDS = 400;
/** Bytes of a table. */
export const TABLE_BYTES = 4 * SIZE * (2 * STRETCHES + 3);

/** One neuron under a constant input, as the table asks for it. */
export interface PlanarNeuron {
  /** A step from (v, u): writes both and returns whether it spiked. */
  advance(state: Float64Array): boolean;
  /** The same for a part of a step. */
  advancePart(state: Float64Array): boolean;
  /** Parts of a step. */
  readonly parts: number;
  /** What the states can be: lowest and highest v, lowest and highest u. */
  readonly box: readonly [number, number, number, number];
  /** The membrane after a spike, on which a line of the grid shall lie. */
  readonly resetTo: number;
}

/**
 * The flow of a neuron with two state variables and no closed form, as numbers on a grid of states (the idea of EDLUT, Ros, Carrillo,
 * Ortigosa, Barbour and Agís 2006, Neural Computation 18:2959): where it is after 1, 2, 4, … steps without arrivals, in how many steps it
 * spikes, and where the spike leaves it. Between the places of the grid all is linear. Made of the kind's own equations; where the grid tells too little, the answer is not a number, and the caller makes a step.
 */
export class FlowTable {
  readonly #low: readonly [number, number];
  readonly #spacing: readonly [number, number];
  /** [stretch][place]: not a number where the neuron spikes within. */
  readonly #v: readonly Float32Array[];
  readonly #u: readonly Float32Array[];
  /** Steps until the spike, Infinity for never; and the state behind it. */
  readonly #until: Float32Array;
  readonly #behindV: Float32Array;
  readonly #behindU: Float32Array;

  constructor(neuron: PlanarNeuron) {
    const [lowV, highV, lowU, highU] = neuron.box;
    const spacingV = (highV - lowV) / (PLACES_V - 2);
    // The grid is moved so that the membrane after a spike lies on it: from there neurons come most often.
    const shift = ((neuron.resetTo - lowV) / spacingV) % 1;
    this.#low = [lowV - (1 - shift) * spacingV, lowU];
    this.#spacing = [spacingV, (highU - lowU) / (PLACES_U - 1)];
    const grid = () => new Float32Array(SIZE);
    this.#v = Array.from({ length: STRETCHES }, () => grid().fill(Number.NaN));
    this.#u = Array.from({ length: STRETCHES }, () => grid().fill(Number.NaN));
    this.#until = grid().fill(Number.POSITIVE_INFINITY);
    this.#behindV = grid();
    this.#behindU = grid();
    const late: number[] = [];
    for (let place = 0; place < SIZE; place++) this.#follow(neuron, place, late);
    // Whole steps spike somewhat later or earlier than parts of a step do; rounded up, moments shall be the steps.
    const lateness = middle(late) - 0.5;
    for (let place = 0; place < SIZE; place++) this.#until[place]! += lateness;
    this.#followOn();
  }

  /** Brings a state forward by the longest stretch of at most `steps` that the grid knows, and returns its steps; 0 where it knows none. */
  forward(state: Float64Array, steps: number): number {
    const place = this.#placeOf(state[0]!, state[1]!);
    if (place < 0) return 0;
    for (let stretch = Math.min(STRETCHES - 1, 31 - Math.clz32(Math.min(steps, LONGEST))); stretch >= 0; stretch--) {
      const v = this.#between(this.#v[stretch]!, place, state);
      const u = this.#between(this.#u[stretch]!, place, state);
      if (Number.isNaN(v + u)) continue;
      state[0] = v;
      state[1] = u;
      return 2 ** stretch;
    }
    return 0;
  }

  /**
   * Steps until a state spikes, a real number; Infinity for never. `reliable` is false where the grid does not tell well: then it is the
   * least that it may be.
   */
  untilSpike(state: Float64Array): { readonly steps: number; readonly reliable: boolean } {
    const place = this.#placeOf(state[0]!, state[1]!);
    if (place < 0) return { steps: 0, reliable: false };
    let [least, most] = [Number.POSITIVE_INFINITY, 0];
    for (const corner of [place, place + 1, place + PLACES_U, place + PLACES_U + 1]) {
      least = Math.min(least, this.#until[corner]!);
      most = Math.max(most, this.#until[corner]!);
    }
    if (least === Number.POSITIVE_INFINITY) return { steps: least, reliable: true };
    if (most === Number.POSITIVE_INFINITY || most - least > 4 + least) return { steps: least, reliable: false };
    return { steps: this.#between(this.#until, place, state), reliable: true };
  }

  /** Replaces a state by the one behind its spike. */
  spike(state: Float64Array): void {
    const place = this.#placeOf(state[0]!, state[1]!);
    const v = this.#between(this.#behindV, place, state);
    const u = this.#between(this.#behindU, place, state);
    state[0] = v;
    state[1] = u;
  }

  /** The way from one place of the grid, until it spikes or the longest stretch ends; adds by how much the step is later than the moment. */
  #follow(neuron: PlanarNeuron, place: number, late: number[]): void {
    const state = Float64Array.of(
      this.#low[0] + Math.floor(place / PLACES_U) * this.#spacing[0],
      this.#low[1] + (place % PLACES_U) * this.#spacing[1],
    );
    const before = new Float64Array(2);
    for (let step = 1, stretch = 0; step <= LONGEST; step++) {
      before.set(state);
      if (neuron.advance(state)) {
        this.#until[place] = step - 1 + this.#momentFrom(neuron, before);
        late.push(step - this.#until[place]!);
        this.#behindV[place] = state[0]!;
        this.#behindU[place] = state[1]!;
        return;
      }
      if (step !== 2 ** stretch) continue;
      this.#v[stretch]![place] = state[0]!;
      this.#u[stretch]![place] = state[1]!;
      stretch++;
    }
  }

  /** Steps from `state` until the equations, in parts of a step, spike: this changes smoothly from place to place. */
  #momentFrom(neuron: PlanarNeuron, state: Float64Array): number {
    const most = 3 * neuron.parts;
    for (let part = 1; part < most; part++) if (neuron.advancePart(state)) return part / neuron.parts;
    return 3;
  }

  /** Times beyond the longest stretch: those of the states at its end, until nothing changes. */
  #followOn(): void {
    const [v, u] = [this.#v[STRETCHES - 1]!, this.#u[STRETCHES - 1]!];
    const state = new Float64Array(2);
    let changes = true;
    for (let round = 0; changes && round < ROUNDS; round++) {
      changes = false;
      for (let place = 0; place < SIZE; place++) {
        if (this.#until[place] !== Number.POSITIVE_INFINITY || Number.isNaN(v[place]!)) continue;
        state[0] = v[place]!;
        state[1] = u[place]!;
        const end = this.#placeOf(state[0], state[1]);
        if (end < 0) continue;
        const until = this.#between(this.#until, end, state);
        if (!(until < Number.POSITIVE_INFINITY)) continue;
        this.#until[place] = LONGEST + until;
        this.#behindV[place] = this.#between(this.#behindV, end, state);
        this.#behindU[place] = this.#between(this.#behindU, end, state);
        changes = true;
      }
    }
  }

  /** The place of the grid below a state in both variables; −1 where the grid does not reach. */
  #placeOf(v: number, u: number): number {
    const row = Math.floor((v - this.#low[0]) / this.#spacing[0]);
    const column = Math.floor((u - this.#low[1]) / this.#spacing[1]);
    const isInside = row >= 0 && row < PLACES_V - 1 && column >= 0 && column < PLACES_U - 1;
    return isInside ? row * PLACES_U + column : -1;
  }

  #between(values: Float32Array, place: number, state: Float64Array): number {
    const right = (state[0]! - this.#low[0]) / this.#spacing[0] - Math.floor(place / PLACES_U);
    const up = (state[1]! - this.#low[1]) / this.#spacing[1] - (place % PLACES_U);
    const line = (corner: number) => {
      const [below, above] = [values[corner]!, values[corner + 1]!];
      return up === 0 ? below : below + up * (above - below);
    };
    const left = line(place);
    return right === 0 ? left : left + right * (line(place + PLACES_U) - left);
  }
}

/** The middle between the quantiles of 5 and 95 %. */
function middle(values: number[]): number {
  if (values.length === 0) return 0.5;
  values.sort((a, b) => a - b);
  return (values[Math.floor(0.05 * values.length)]! + values[Math.floor(0.95 * values.length)]!) / 2;
}
