import type { OnnxOperator } from './operator.ts';

/** γ·(x − μ)/√(σ² + ε) + β per channel, as it is after training: a factor and a summand. */
export const batchNormalization: OnnxOperator = {
  types: ['BatchNormalization'],
  apply(site) {
    const signal = site.signal(0);
    if (site.integer('training_mode', 0) !== 0) throw site.refuse('normalises by the batch', 'training_mode 0');
    const numbers = [1, 2, 3, 4].map((index) => site.constant(index).data);
    const channels = signal.shape[1];
    if (numbers.some(({ length }) => length !== channels)) {
      throw site.refuse(
        `has ${numbers.map(({ length }) => length).join(', ')} numbers`,
        `${channels}, one per channel`,
      );
    }
    const [gamma, beta, mean, variance] = numbers as [Float64Array, Float64Array, Float64Array, Float64Array];
    const epsilon = site.float('epsilon', 1e-5);
    const scale = Float64Array.from(gamma, (factor, k) => factor / Math.sqrt(variance[k]! + epsilon));
    const shift = scale.map((factor, k) => beta[k]! - factor * mean[k]!);
    const shape = [channels!, ...signal.shape.slice(2).map(() => 1)];
    const spread = (data: Float64Array) => site.spread({ shape, data, type: 0 }, signal);
    return site.net.affine(signal, spread(scale), spread(shift));
  },
};
