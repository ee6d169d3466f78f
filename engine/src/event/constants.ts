import type { Connectivity, Wiring } from '@spikewire/models';
import { accumulate, type Constant } from './flow/constant-input.ts';

/**
 * What is there all the time in a net: which constants arrive at each node, and which connections emit theirs step by
 * step.
 */
export interface Constants {
  /** By index and port, as `accumulate` gives them. */
  readonly arriving: readonly (readonly (readonly Constant[])[])[];
  /** By index: whether a connection emits its bias, and what arrives at it all the time, as events of each step. */
  readonly explicit: readonly boolean[];
}

/**
 * Follows every bias through the connections behind it, as far as it stays a constant. It does not through weights that
 * learn, through a selection, nor round a loop of connections: there it is events.
 */
export function followConstants(
  { graph: { nodes }, incoming, connectivity: connectivities }: Wiring,
  learns: (index: number) => boolean,
): Constants {
  const leaving: Constant[][] = nodes.map(() => []);
  const explicit = nodes.map(() => false);
  const arrivingAt = (index: number, port: number) => {
    const constants = incoming[index]!.filter((edge) => edge.port === port).flatMap(({ source, delay }) =>
      leaving[source]!.map(({ from, values }) => ({ from: from + delay, values })),
    );
    return constants.length === 0 ? [] : accumulate(constants, constants[0]!.values.length);
  };
  connectivities.forEach((connectivity, index) => {
    if (connectivity === undefined) return;
    const looped = incoming[index]!.some(({ source }) => source >= index && connectivities[source] !== undefined);
    const arriving = arrivingAt(index, 0);
    const changes = learns(index) || connectivity.structure === 'selection';
    explicit[index] = looped || (changes && arriving.length > 0);
    if (explicit[index]) return;
    const { bias } = connectivity;
    const isNothing = bias === undefined || bias.every((value) => value === 0);
    leaving[index] = steps(arriving).flatMap((constant) => passed(connectivity, constant));
    if (!isNothing) leaving[index]!.push({ from: 0, values: bias });
  });
  const arriving = nodes.map(({ kind }, index) => {
    const ports = kind.role === 'neuron' ? Math.max(1, kind.ports?.length ?? 0) : 1;
    const known = connectivities[index] !== undefined && !explicit[index];
    return Array.from({ length: ports }, (_, port) => (known ? [] : arrivingAt(index, port)));
  });
  return { arriving, explicit };
}

/** Accumulated constants as what each of them adds. */
function steps(accumulated: readonly Constant[]): Constant[] {
  return accumulated.map(({ from, values }, k) => ({
    from,
    values: k === 0 ? values : values.map((value, i) => value - accumulated[k - 1]!.values[i]!),
  }));
}

/** What a connection makes of a constant; elements with delays of their own start at different times. */
function passed(connectivity: Connectivity, { from, values }: Constant): Constant[] {
  const { outputs, weights, gain, forEachSynapse } = connectivity;
  const delays = connectivity.structure === 'elementwise' ? connectivity.delays : undefined;
  return [...new Set(delays ?? [0])].map((delay) => {
    const sums = new Float64Array(outputs);
    values.forEach((value, input) => {
      if (value === 0 || (delays !== undefined && delays[input] !== delay)) return;
      forEachSynapse(input, (output, k) => {
        sums[output]! += gain * (weights === undefined ? 1 : weights[k]!) * value;
      });
    });
    return { from: from + delay, values: sums };
  });
}
