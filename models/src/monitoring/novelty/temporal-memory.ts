import { anything, type KeptState, kept, type NumberRange, whole } from '../../kept-numbers.ts';
import { RandomGenerator } from '../../random/generator.ts';

/** How large a temporal memory is. */
export interface TemporalMemorySize {
  readonly columns: number;
  /** Cells of a column: contexts in which the same input is known. */
  readonly cells: number;
  /** Dendritic segments of all cells together. */
  readonly segments: number;
}

/** Synapses of a segment, at most. */
const SYNAPSES = 8;
/** Connected synapses from cells that fired with which a segment predicts its cell. */
const ACTIVATION = 5;
/** Synapses, connected or not, with which it is a candidate for learning; with fewer it is given up. */
const CANDIDATE = 3;
/** Synapses that a segment has, after learning, from cells that fired. */
const SAMPLE = 6;

/** Permanences are eight bits: 255 is 1. */
const ONE = 255;
const INITIAL = Math.round(0.24 * ONE);
const CONNECTED = 0.5 * ONE;
/** Changes, in 1/65,536 of a permanence's bit. */
const inSmallParts = (permanence: number) => Math.round(permanence * ONE * 65536);
const REWARD = inSmallParts(0.04);
const FADING = inSmallParts(-0.008);
const PUNISHMENT = inSmallParts(-0.004);

/** Of so many segments drawn, that which was used longest ago makes room. */
const DRAWN = 8;
const NOBODY = 0xffff;

const FIRED = 1;
const WINNER = 2;

/**
 * Temporal memory: learns which sets of columns follow each other, in contexts of any order (Hawkins and Ahmad 2016,
 * "Why neurons have thousands of synapses"; spiking form Bouhadjar et al. 2022). A column of cells stands for a part of
 * the input. A cell has dendritic segments, each with a few synapses from cells that fired together one step earlier;
 * a segment with enough of them active predicts its cell. When its column becomes active, a predicted cell fires alone;
 * where none was predicted all cells fire: a burst, which is what is new.
 *
 * All segments come from one pool and go back to it. Every step looks at every segment, and a burst once more for each
 * column.
 */
export class TemporalMemory {
  /** Everything that changes, for saving and restoring. */
  readonly state: KeptState<Uint32Array | Uint16Array | Uint8Array>;
  readonly #size: TemporalMemorySize;
  readonly #random: RandomGenerator;
  /** [segments][8]: the cell a synapse comes from, and its permanence; 0: no synapse. */
  readonly #sources: Uint16Array;
  readonly #permanences: Uint8Array;
  /** Cell of each segment, or NOBODY; the step in which it was last of use. */
  readonly #owners: Uint16Array;
  readonly #lastUse: Uint32Array;
  /** Of the step before: which cells fired, and which stand for what was there. */
  readonly #before: Uint8Array;
  readonly #steps = new Uint32Array(1);

  // Of one step only.
  readonly #now: Uint8Array;
  /** The active columns, as marks and as a list. */
  readonly #isActive: Uint8Array;
  readonly #active: Uint16Array;
  #activeCount = 0;
  /** Of each segment: synapses from cells that fired, and how many of them are connected. */
  readonly #connected: Uint8Array;
  readonly #potential: Uint8Array;
  /** Segments with synapses enough, and how many: the first of the list are valid. */
  readonly #candidates: Uint16Array;
  #candidateCount = 0;
  readonly #winnersBefore: Uint16Array;
  #winners = 0;
  readonly #choice: Uint16Array;

  constructor(size: TemporalMemorySize, seed: number) {
    const { columns, cells, segments } = size;
    this.#size = size;
    this.#random = new RandomGenerator(seed, 'temporal memory');
    this.#sources = new Uint16Array(segments * SYNAPSES);
    this.#permanences = new Uint8Array(segments * SYNAPSES);
    this.#owners = new Uint16Array(segments).fill(NOBODY);
    this.#lastUse = new Uint32Array(segments);
    this.#before = new Uint8Array(columns * cells);
    this.#now = new Uint8Array(columns * cells);
    this.#isActive = new Uint8Array(columns);
    this.#active = new Uint16Array(columns);
    this.#connected = new Uint8Array(segments);
    this.#potential = new Uint8Array(segments);
    this.#candidates = new Uint16Array(segments);
    this.#winnersBefore = new Uint16Array(columns * cells);
    this.#choice = new Uint16Array(columns * cells);
    this.state = {
      sources: kept(this.#sources, whole(0, columns * cells - 1)),
      permanences: kept(this.#permanences, anything),
      owners: kept(this.#owners, ownerAmong(columns * cells)),
      lastUse: kept(this.#lastUse, anything),
      fired: kept(this.#before, whole(0, FIRED | WINNER)),
      steps: kept(this.#steps, anything),
      random: this.#random.kept,
    };
  }

  /** Bytes of the arrays of one step only. */
  get workingBytes(): number {
    const marks = [this.#now, this.#isActive, this.#connected, this.#potential];
    const lists = [this.#active, this.#candidates, this.#winnersBefore, this.#choice];
    return [...marks, ...lists].reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** These columns become active, each at least once in the list; the share of them that nothing had predicted, 0…1. */
  step(columns: ArrayLike<number>, learning: boolean): number {
    this.#activate(columns);
    this.#sense();
    this.#firePredicted();
    if (learning) this.#learnPredicted();
    let bursting = 0;
    for (let k = 0; k < this.#activeCount; k++) {
      if (this.#hasFired(this.#active[k]!)) continue;
      this.#burst(this.#active[k]!, learning);
      bursting++;
    }
    if (learning) this.#giveUpWeak();
    this.#before.set(this.#now);
    this.#now.fill(0);
    this.#steps[0]! += 1;
    return bursting / this.#activeCount;
  }

  #activate(columns: ArrayLike<number>): void {
    this.#isActive.fill(0);
    this.#activeCount = 0;
    for (let k = 0; k < columns.length; k++) {
      const column = columns[k]!;
      if (this.#isActive[column]) continue;
      this.#isActive[column] = 1;
      this.#active[this.#activeCount++] = column;
    }
  }

  /** How many synapses of each segment come from cells that fired, and how many of them are connected. */
  #sense(): void {
    const [sources, permanences, before] = [this.#sources, this.#permanences, this.#before];
    this.#candidateCount = senseSegments(
      sources,
      permanences,
      before,
      this.#potential,
      this.#connected,
      this.#candidates,
    );
    this.#winners = 0;
    for (let cell = 0; cell < this.#before.length; cell++) {
      if (this.#before[cell]! & WINNER) this.#winnersBefore[this.#winners++] = cell;
    }
  }

  /** Predicted cells of active columns fire. */
  #firePredicted(): void {
    for (let k = 0; k < this.#candidateCount; k++) {
      const segment = this.#candidates[k]!;
      if (this.#connected[segment]! < ACTIVATION) continue;
      const owner = this.#owners[segment]!;
      if (this.#isActive[this.#columnOf(owner)]) this.#now[owner] = FIRED | WINNER;
    }
  }

  #columnOf(cell: number): number {
    return Math.floor(cell / this.#size.cells);
  }

  #hasFired(column: number): boolean {
    const { cells } = this.#size;
    for (let cell = column * cells; cell < (column + 1) * cells; cell++) if (this.#now[cell]) return true;
    return false;
  }

  /** Segments that predicted what came are strengthened; those that nearly did so and were wrong are weakened. */
  #learnPredicted(): void {
    for (let k = 0; k < this.#candidateCount; k++) {
      const segment = this.#candidates[k]!;
      const column = this.#columnOf(this.#owners[segment]!);
      if (!this.#isActive[column]) this.#punish(segment);
      else if (this.#connected[segment]! >= ACTIVATION) this.#reinforce(segment);
    }
  }

  /** Nothing in the column was predicted: all its cells fire, and one of them learns what was there before. */
  #burst(column: number, learning: boolean): void {
    const first = column * this.#size.cells;
    for (let cell = first; cell < first + this.#size.cells; cell++) this.#now[cell] = FIRED;
    const segment = this.#bestCandidate(column);
    const winner = segment === NOBODY ? this.#leastUsedCell(column) : this.#owners[segment]!;
    this.#now[winner] = FIRED | WINNER;
    if (!learning) return;
    if (segment !== NOBODY) this.#reinforce(segment);
    else if (this.#winners > 0) this.#grow(this.#newSegment(winner), SAMPLE);
  }

  /** The segment of the column with the most synapses from what fired before; NOBODY where none has enough. */
  #bestCandidate(column: number): number {
    let best = NOBODY;
    for (let k = 0; k < this.#candidateCount; k++) {
      const segment = this.#candidates[k]!;
      const potential = this.#potential[segment]!;
      if (this.#columnOf(this.#owners[segment]!) !== column) continue;
      if (best === NOBODY || potential > this.#potential[best]!) best = segment;
    }
    return best;
  }

  /** The cell of the column with the fewest segments, the first of them from a random one on. */
  #leastUsedCell(column: number): number {
    const { cells } = this.#size;
    const first = column * cells;
    const counts = this.#choice.fill(0, 0, cells);
    for (let segment = 0; segment < this.#owners.length; segment++) {
      const cell = this.#owners[segment]! - first;
      if (cell >= 0 && cell < cells) counts[cell]! += 1;
    }
    let best = this.#random.nextInteger(cells);
    for (let k = 1, from = best; k < cells; k++) {
      const cell = (from + k) % cells;
      if (counts[cell]! < counts[best]!) best = cell;
    }
    return first + best;
  }

  #newSegment(cell: number): number {
    let segment = this.#owners.indexOf(NOBODY);
    if (segment < 0) segment = this.#oldestDrawn();
    this.#free(segment);
    this.#owners[segment] = cell;
    this.#lastUse[segment] = this.#steps[0]!;
    return segment;
  }

  #oldestDrawn(): number {
    const { segments } = this.#size;
    let oldest = this.#random.nextInteger(segments);
    for (let k = 1; k < DRAWN; k++) {
      const drawn = this.#random.nextInteger(segments);
      if (this.#lastUse[drawn]! < this.#lastUse[oldest]!) oldest = drawn;
    }
    return oldest;
  }

  #free(segment: number): void {
    this.#owners[segment] = NOBODY;
    this.#potential[segment] = 0;
    this.#connected[segment] = 0;
    this.#permanences.fill(0, segment * SYNAPSES, (segment + 1) * SYNAPSES);
  }

  #reinforce(segment: number): void {
    const first = segment * SYNAPSES;
    for (let synapse = first; synapse < first + SYNAPSES; synapse++) {
      if (this.#permanences[synapse] === 0) continue;
      this.#change(synapse, this.#before[this.#sources[synapse]!] ? REWARD : FADING);
    }
    this.#grow(segment, SAMPLE - this.#potential[segment]!);
    this.#lastUse[segment] = this.#steps[0]!;
  }

  #punish(segment: number): void {
    const first = segment * SYNAPSES;
    for (let synapse = first; synapse < first + SYNAPSES; synapse++) {
      if (this.#permanences[synapse] === 0) continue;
      if (this.#before[this.#sources[synapse]!]) this.#change(synapse, PUNISHMENT);
    }
  }

  /** Rounded up or down by chance, so that small changes add up in eight bits. */
  #change(synapse: number, change: number): void {
    const sum = this.#permanences[synapse]! * 65536 + change + (this.#random.nextUint32() >>> 16);
    this.#permanences[synapse] = Math.max(0, Math.min(ONE, sum >> 16));
  }

  /** New synapses, at most `wanted`, from cells drawn from those that stood for what was there before. */
  #grow(segment: number, wanted: number): void {
    const first = segment * SYNAPSES;
    let left = 0;
    for (let k = 0; k < this.#winners; k++) {
      const cell = this.#winnersBefore[k]!;
      if (!this.#hasSource(first, cell)) this.#choice[left++] = cell;
    }
    for (let grown = 0; grown < wanted && left > 0; grown++) {
      const drawn = this.#random.nextInteger(left);
      const synapse = this.#weakest(first);
      this.#sources[synapse] = this.#choice[drawn]!;
      this.#permanences[synapse] = INITIAL;
      this.#choice[drawn] = this.#choice[--left]!;
    }
  }

  #hasSource(first: number, cell: number): boolean {
    for (let synapse = first; synapse < first + SYNAPSES; synapse++) {
      if (this.#sources[synapse] === cell && this.#permanences[synapse]! > 0) return true;
    }
    return false;
  }

  #weakest(first: number): number {
    let weakest = first;
    for (let synapse = first + 1; synapse < first + SYNAPSES; synapse++) {
      if (this.#permanences[synapse]! < this.#permanences[weakest]!) weakest = synapse;
    }
    return weakest;
  }

  /** A segment with too few synapses left to be a candidate never is one again. */
  #giveUpWeak(): void {
    for (let k = 0; k < this.#candidateCount; k++) {
      const segment = this.#candidates[k]!;
      if (this.#owners[segment] === NOBODY) continue;
      let synapses = 0;
      for (let s = segment * SYNAPSES; s < (segment + 1) * SYNAPSES; s++) if (this.#permanences[s]! > 0) synapses++;
      if (synapses < CANDIDATE) this.#free(segment);
    }
  }
}

function ownerAmong(cells: number): NumberRange {
  return { expected: `a cell below ${cells}, or ${NOBODY}`, has: (owner) => owner < cells || owner === NOBODY };
}

/** The hot loop: as parameters, arrays are known to the compiler to stay the same. */
function senseSegments(
  sources: Uint16Array,
  permanences: Uint8Array,
  before: Uint8Array,
  potential: Uint8Array,
  connected: Uint8Array,
  candidates: Uint16Array,
): number {
  let count = 0;
  for (let segment = 0, synapse = 0; segment < potential.length; segment++) {
    let [fired, strong] = [0, 0];
    for (const end = synapse + SYNAPSES; synapse < end; synapse++) {
      if (before[sources[synapse]!] === 0) continue;
      const permanence = permanences[synapse]!;
      if (permanence > 0) fired++;
      if (permanence >= CONNECTED) strong++;
    }
    potential[segment] = fired;
    connected[segment] = strong;
    if (fired >= CANDIDATE) candidates[count++] = segment;
  }
  return count;
}
