import type { Chart } from '../report/report.ts';
import type { WatchedNet } from './watched-net.ts';

/** Elements of an output that a picture has, those among which it chooses, and steps. */
const [ELEMENTS, CANDIDATES, STEPS] = [4, 64, 2000];

interface Emission {
  readonly step: number;
  readonly index: number;
  readonly value: number;
}

/**
 * What the first Output gives under each rule in one sample, as a picture: marks of spikes, or curves of a read-out.
 */
export class OutputPicture {
  readonly #nets: readonly WatchedNet[];
  readonly #emissions: readonly Emission[][];
  #steps = 0;
  #sums: readonly Float64Array[] = [];

  constructor(nets: readonly WatchedNet[]) {
    this.#nets = nets;
    this.#emissions = nets.map(() => []);
  }

  takeUp(step: number): void {
    if (step >= STEPS) return;
    this.#steps = step + 1;
    for (const [k, { emitted }] of this.#nets.entries())
      for (const [index, value] of firstOf(emitted).subarray(0, CANDIDATES).entries())
        if (value !== 0) this.#emissions[k]!.push({ step, index, value });
  }

  /** At the end of the sample. */
  end(): void {
    this.#sums = this.#nets.map(({ answers }) => firstOf(answers).slice());
  }

  /** None where no Output gave anything. */
  charts(): Chart[] {
    const all = this.#emissions.flat();
    if (all.length === 0) return [];
    const [output] = this.#nets[0]!.answers.keys();
    const shown = this.#mostDifferent();
    const where = `output "${output}", first sample`;
    if (!all.every(({ value }) => Number.isInteger(value))) return [this.#curves(shown[0]!, where)];
    const rows = shown.flatMap((index) => this.#nets.map(({ name }) => `${index} ${name}`));
    const curves = this.#nets.map(({ name }, k) => ({
      name,
      points: this.#emissions[k]!.flatMap(({ step, index }): [number, number][] =>
        shown.includes(index) ? [[step, shown.indexOf(index) * this.#nets.length + k]] : [],
      ),
    }));
    const elements = this.#sums[0]!.length;
    const few = shown.length < elements ? `, ${shown.length} of ${elements} neurons: those that differ most` : '';
    return [{ title: `Spikes of ${where}${few}`, axis: 'step', curves, rows, range: [0, this.#steps - 1] }];
  }

  #curves(element: number, where: string): Chart {
    const curves = this.#nets.map(({ name }, k) => {
      const values = new Float64Array(this.#steps);
      for (const { step, index, value } of this.#emissions[k]!) if (index === element) values[step] = value;
      return { name, points: [...values].map((value, step): [number, number] => [step, value]) };
    });
    return { title: `Read-out of ${where}, element ${element}`, axis: 'step', curves };
  }

  /** The elements whose sums differ most between rules; where none does, those with the largest sums. */
  #mostDifferent(): number[] {
    const sums = (index: number) => this.#sums.map((each) => each[index]!);
    const range = (index: number) => Math.max(...sums(index)) - Math.min(...sums(index));
    const size = (index: number) => Math.max(...sums(index).map(Math.abs));
    const order = [...this.#sums[0]!.subarray(0, CANDIDATES).keys()].sort(
      (a, b) => range(b) - range(a) || size(b) - size(a) || a - b,
    );
    return order.slice(0, ELEMENTS).sort((a, b) => a - b);
  }
}

function firstOf(nodes: WatchedNet['answers']): Float64Array {
  const [first] = nodes.values();
  return first ?? new Float64Array(0);
}
