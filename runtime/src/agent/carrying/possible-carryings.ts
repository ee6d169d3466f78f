import { OutputStage } from '@spikewire/engine/coding';
import type { Model, RebaseProblem, Tensor } from '@spikewire/models';
import type { NetModel } from '../../session/net-model.ts';
import { canRepeat } from '../../session/net-stream.ts';
import { CARRYING, type Carrying } from '../repository/offer.ts';
import { inputDigest } from './input-digest.ts';

/**
 * Why what was learned on one base is not carried to another in a way: `input`: readings,
 * features or encoders differ; `readout`: a net has no read-out that labels teach; `windows`: windows depend on those
 * before, so that lessons cannot be repeated; `lessons`: the state has none, because its host keeps none; `net`: the
 * nets differ in more than what they know at the start; `weights`: those of a learned connection have another shape;
 * the others as for a read-out that is rebased.
 */
export type CarryingProblem = 'input' | 'readout' | 'windows' | 'lessons' | 'net' | 'weights' | RebaseProblem;

/** Each problem in words for people. */
export const EXPLANATIONS: Readonly<Record<CarryingProblem, string>> = {
  input: 'readings, features or encoders of the two models differ',
  readout: 'one of the models has no output layer that labels teach',
  windows: 'answers depend on earlier readings, so that labelled readings cannot be taught again',
  lessons: 'the saved net has kept no labelled readings',
  net: 'the two nets differ in more than their weights',
  weights: 'weights of a learned connection have another shape',
  kind: 'an output layer of this kind cannot take it over',
  size: 'the output layer is too large to take it over',
  classes: 'the two models name different classes',
  base: 'what it was learned on is not the base of the former model, or the net went back to that base',
  forgotten: 'some labels have lost weight after a change of the readings',
};

/** Ways in which something that was learned goes on. */
export type LearnedCarrying = Exclude<Carrying, 'reset'>;

/** What may be possible between two models, in the order of preference: `reset` always is. */
export function possibleCarryings(former: NetModel, next: NetModel): readonly Carrying[] {
  return CARRYING.filter((carrying) => carrying === 'reset' || problemOf(carrying, former, next) === undefined);
}

/** What stands against a carrying whatever the state is; undefined where nothing does. */
export function problemOf(carrying: LearnedCarrying, former: NetModel, next: NetModel): CarryingProblem | undefined {
  if (isWhole(carrying, former, next)) return undefined;
  return carrying === 'carry' ? problemOfRepeating(former, next) : problemOfAdding(former, next);
}

/** Whether a state means the same in both models, or was learned by another form of the same float model. */
function isSameNet({ meaning: former }: NetModel, { meaning: next }: NetModel): boolean {
  return former.meaning === next.meaning || former.floatForm === next.floatForm;
}

/** Whether the whole state goes on: then nothing that the base knew at the start is left in the place of the next. */
export function isWhole(carrying: LearnedCarrying, former: NetModel, next: NetModel): boolean {
  if (!isSameNet(former, next) || !isSameBase(former.model, next.model)) return false;
  return carrying === 'carry' || isSameStart(former.model, next.model);
}

function isSameBase({ base: former }: Model, { base: next }: Model): boolean {
  const outputs = new Set([...(former?.keys() ?? []), ...(next?.keys() ?? [])]);
  return [...outputs].every((output) => {
    const [a, b] = [former?.get(output), next?.get(output)];
    return a !== undefined && b !== undefined && a.size === b.size && [...a].every(([k, own]) => isSame(own, b.get(k)));
  });
}

function isSame({ data }: Tensor, other: Tensor | undefined): boolean {
  if (other?.data.constructor !== data.constructor || other.data.length !== data.length) return false;
  return data.every((value: number, k: number) => Object.is(value, other.data[k]));
}

/** Whether the connections that learn start from the same weights. */
function isSameStart(former: Model, next: Model): boolean {
  const weightOf = ({ graph }: Model, name: string) => graph.nodes.get(name)?.parameters.weight;
  return [...next.learning.keys()].every((name) => {
    const [a, b] = [weightOf(former, name), weightOf(next, name)];
    return typeof a === 'object' && typeof b === 'object' && isSame(a as Tensor, b as Tensor);
  });
}

/** Of lessons that are taught again. */
function problemOfRepeating(former: NetModel, next: NetModel): CarryingProblem | undefined {
  if (inputDigest(former.model) !== inputDigest(next.model)) return 'input';
  const readouts = [former, next].map(({ model, graph }) => new OutputStage(model, graph, 1).teachable);
  if (readouts.includes(undefined)) return 'readout';
  return [former, next].every(({ model }, k) => canRepeat(model, readouts[k])) ? undefined : 'windows';
}

/** Of a difference that is added. */
function problemOfAdding(former: NetModel, next: NetModel): CarryingProblem | undefined {
  if (!isSameNet(former, next)) return 'net';
  const [a, b] = [former, next].map(({ model, graph }) => new OutputStage(model, graph, 1).teachable);
  if (a === undefined || b === undefined) return next.model.learning.size > 0 ? undefined : 'readout';
  return b.rebase(a, new OutputStage(former.model, former.graph, 1).teachable!);
}
