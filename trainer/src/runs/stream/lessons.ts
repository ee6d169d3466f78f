import type { LabelledSamples } from '@spikewire/engine/data';
import type { Model, TensorData } from '@spikewire/models';
import type { Session } from 'spikewire/session';

/** A sample as a run by stream shows it. */
export interface Shown {
  readonly values: Float64Array;
  /** Index of its class. */
  readonly label: number;
  /** In place of a class: the numbers that the answer should be. */
  readonly target?: Float64Array;
}

/** What a run by stream does with each sample, and how its net answers in the end. */
export interface Lessons {
  /**
   * Shows a sample to a net that learns. Returns the loss of its answer before it was told: whether the class was
   * wrong, 0 or 1, or the distance of its numbers.
   */
  show(session: Session, sample: Shown): Promise<number>;
  /** What changes beside the net, by name: views. */
  readonly state: Readonly<Record<string, TensorData>>;
  /** At the end of an epoch: what it needs to know of the net that has learned, of the learned samples. */
  settle?(learned: Model, samples: LabelledSamples, seed: number): Promise<void>;
  /** The net as it answers, of the net as it has learned and a `state`. */
  answering(learned: Model, state: Lessons['state']): Model;
}

/** Each answer is followed by its class or its numbers, as on a device; the net answers as it is. */
export function toldLabels(classes: readonly string[]): Lessons {
  return {
    async show(session, { values, label, target }) {
      const time = session.sequence;
      const { result } = await session.feed({ time, values });
      if (target === undefined) {
        await session.teach({ kind: 'label', label: classes[label]!, time });
        return Number(result !== classes[label]);
      }
      await session.teach({ kind: 'target', values: target, time });
      return result instanceof Float64Array ? Math.hypot(...target.map((value, k) => value - result[k]!)) : 0;
    },
    state: {},
    answering: (learned) => learned,
  };
}
