import {
  elementCount,
  type Model,
  type ResolvedGraph,
  resolveGraph,
  type Shape,
  SpikewireError,
} from '@spikewire/models';
import { softmax, softmaxCrossEntropy } from '../graph/operations/cross-entropy.ts';
import { add, scale, subtract } from '../graph/operations/elementwise.ts';
import type { Value } from '../graph/operations/value.ts';
import { lowerAnalogue } from '../lowering/analogue.ts';
import type { Loss } from './loss.ts';

/** An analogue net that a student is to answer like. */
export interface Teacher {
  readonly model: Model;
  /** λ of its part of the loss. */
  readonly weight: number;
}

/**
 * `weight`·L + Σ λ·τ²·KL(p_teacher‖p_student), p = softmax(z/τ) of answers z, which with a higher temperature τ also
 * say what a sample is nearly; τ² keeps gradients as large as those of L (Hinton, Vinyals and Dean 2015, section 2).
 * Teachers see what the student is given, varied samples too; they do not learn.
 */
export function distilled(
  loss: Loss,
  { weight, temperature, teachers }: { weight: number; temperature: number; teachers: readonly Teacher[] },
): Loss {
  return {
    ...loss,
    of(answer, targets, inputs) {
      const own = loss.of(answer, targets, inputs);
      const losses = teachers.reduce(
        (sum, teacher) => {
          const taught = scale(answersOf(teacher.model, inputs, targets.shape), 1 / temperature);
          const student = scale(own.answers, 1 / temperature);
          return add(sum, scale(divergence(taught, student), teacher.weight * temperature ** 2));
        },
        scale(own.losses, weight),
      );
      return { ...own, losses };
    },
  };
}

/** KL of the softmax of `from` to that of `to`, both logits [batch, classes]: [batch], learned through `to` alone. */
export function divergence(from: Value, to: Value): Value {
  const wanted = softmax(from);
  return subtract(softmaxCrossEntropy(to, wanted), softmaxCrossEntropy(from, wanted));
}

/** What an analogue net answers to inputs that stay for all steps, of the shape of the targets [batch, classes]. */
function answersOf({ graph, semantics }: Model, inputs: ReadonlyMap<string, Value>, targets: Shape): Value {
  const [batch, classes] = targets as [number, number];
  const resolved = resolveGraph(graph, semantics);
  const late = [...inputs].find(([, { shape }]) => shape[0] !== batch);
  if (late !== undefined) {
    throw new SpikewireError('unsupported', `input "${late[0]}"`, 'changes from step to step', 'direct, for a teacher');
  }
  const spiking = resolved.nodes.find(({ kind }) => kind.role === 'neuron' && kind.emits === 'spikes');
  if (spiking !== undefined) {
    const where = `node "${spiking.name}" (${spiking.node.type})`;
    throw new SpikewireError('unsupported', where, 'spikes', 'an analogue net, for a teacher');
  }
  const { signals } = lowerAnalogue(resolved, batch, ownInputs(resolved, inputs, batch));
  const output = resolved.nodes.find(({ kind }) => kind.role === 'output')!;
  const answers = elementCount(output.shape);
  if (answers === classes) return signals.get(output.name)!.rows;
  const where = `output "${output.name}" of a teacher`;
  throw new SpikewireError(
    'unsupported',
    where,
    `gives ${answers} answers`,
    `${classes}, one for each class of the data`,
  );
}

/** What the student is given, by the teacher's names. */
function ownInputs({ nodes }: ResolvedGraph, inputs: ReadonlyMap<string, Value>, batch: number): Map<string, Value> {
  const given = [...inputs.values()];
  const own = nodes.filter(({ kind }) => kind.role === 'input');
  return new Map(
    own.map(({ name, shape }, index) => {
      const value = inputs.get(name) ?? given[index];
      const numbers = value === undefined ? 0 : elementCount(value.shape) / batch;
      if (value !== undefined && numbers === elementCount(shape)) return [name, value];
      const problem = `takes ${elementCount(shape)} numbers`;
      throw new SpikewireError('unsupported', `input "${name}" of a teacher`, problem, `${numbers}, as its student`);
    }),
  );
}
