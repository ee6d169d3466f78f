import { type NeuronKind, numbersOf, type ResolvedNode, type Semantics, type TensorData } from '@spikewire/models';

/** A parameter of a population: a word, or numbers from the smallest to the largest of its neurons. */
export type ParameterReport =
  | { readonly unit?: string; readonly minimum: number; readonly maximum: number }
  | { readonly word: string };

/** What a population computes with: its parameters by name, and the choices of its semantics that matter to it. */
export interface NeuronReport {
  readonly parameters: Readonly<Record<string, ParameterReport>>;
  readonly semantics: Partial<Semantics>;
}

/** The parameters that a node gives and the defaults of those that it leaves out, but for states at the start. */
export function reportNeurons({ node, semantics }: ResolvedNode, kind: NeuronKind): NeuronReport {
  const parameters = Object.entries(kind.parameters).flatMap(([name, declaration]): [string, ParameterReport][] => {
    const given = node.parameters[name];
    if (typeof given === 'string') return [[name, { word: given }]];
    if (declaration.form !== 'elements') return [];
    const { unit, default: preset } = declaration;
    const numbers = numbersOf(node, name)?.data ?? (name.endsWith('_initial') ? undefined : presetOf(preset));
    if (numbers === undefined) return [];
    return [[name, { ...(unit === undefined ? {} : { unit }), ...rangeOf(numbers) }]];
  });
  const { integrate, threshold, reset, spikesPerStep } = semantics;
  const ofSpikes = kind.emits === 'spikes' ? { threshold, reset, spikesPerStep } : {};
  return { parameters: Object.fromEntries(parameters), semantics: { integrate, ...ofSpikes } };
}

function presetOf(preset: number | undefined): TensorData | undefined {
  return preset === undefined ? undefined : Float64Array.of(preset);
}

function rangeOf(values: TensorData): { readonly minimum: number; readonly maximum: number } {
  let [minimum, maximum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
  }
  return { minimum, maximum };
}
