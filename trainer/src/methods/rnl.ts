import { hybridParameters } from '../runs/hybrid-parameters.ts';
import type { Reached } from '../runs/stages.ts';
import { method } from './method.ts';

const {
  percentile: _percentile,
  leak: _leak,
  surrogate: _surrogate,
  encoder: _encoder,
  ...parameters
} = hybridParameters;
const { epochs, learningRate, bits: _bits, prune: _prune, ...others } = parameters;

/**
 * Rate norm layers (Ding, Yu, Tian and Huang 2021): an analogue net learns with activations held within 0 … θ_l, θ_l =
 * p_l·max x, p_l learned with the weights. Then p alone learns, by the labels and by how far rates counted
 * over T steps may be from those of the analogue net, ‖r‖₁/(T·‖r‖₂²) of each layer: smaller thresholds make rates
 * higher and clip more. The net is converted with λ_l = θ_l and soft reset.
 *
 * Limits: the bound of the rate inference loss is derived here for counts of neurons with soft reset and constant
 * input; of deeper layers, whose input comes and goes, it is an estimate. One θ a layer; chains of layers without ways
 * past.
 */
export const rnl = method({
  name: 'rnl',
  summary: 'an analogue net that learns where each layer clips, by weights and then by the error of rates; converted',
  source: 'Ding et al. 2021, Optimal ANN-SNN conversion for fast and accurate inference in deep SNNs',
  parameters: {
    ...others,
    steps: { ...parameters.steps, default: 8 },
    epochs: { ...epochs, doc: 'passes over the samples in which only p learns; absent: by their number' },
    learningRate: { ...learningRate, doc: 'highest learning rate of p', default: 0.01 },
    strength: { doc: 'weight of the error of rates beside the loss', form: 'number', default: 0.5, minimum: 0 },
  },
  presets: {
    mnist: { data: 'mnist', parameters: { arch: '12C5-P2-32C5-P2-10', analogueEpochs: 6, epochs: 2 } },
  },
  async start(site, { strength, steps, ...chosen }) {
    const [hybrid, { StagedRun }, { trainNet }, { FittedRun }, { beforeRectifiers }, { rateNorm }, balance] =
      await Promise.all([
        import('../runs/hybrid.ts'),
        import('../runs/stages.ts'),
        import('../runs/train-net.ts'),
        import('../runs/fitted.ts'),
        import('../training-nodes/before-rectifiers.ts'),
        import('../training-nodes/rate-norm.ts'),
        import('../conversion/spiking-model.ts'),
      ]);
    const [{ rateError }, { analogueNet }] = await Promise.all([
      import('../regularisers/rate-error.ts'),
      import('../conversion/analogue-net.ts'),
    ]);
    const fixed = { encoder: 'direct', bits: undefined, prune: 0 };
    const choices = hybrid.analogueChoices({ ...chosen, ...fixed, steps });
    const { epochs, learningRate } = chosen;
    const clips = () =>
      trainNet(site, choices, (net) => ({
        trainingNodes: [...beforeRectifiers(net).values()].map((behind) => ({ behind, node: rateNorm() })),
      }));
    const rates = ([clipped]: readonly Reached[]) => {
      const { model, arrays } = clipped!;
      const layers = [...beforeRectifiers(model).values()].map((node) => {
        const p = `${node}.rate-norm.p`;
        return { node, p, start: Number(arrays[p]![0]), largest: Number(arrays[`${node}.rate-norm.largest`]![0]) };
      });
      return trainNet(
        { ...site, model },
        { ...choices, epochs, learningRate, dropout: 0 },
        {
          learn: { fixed: [...model.graph.nodes.keys()] },
          regularisers: [rateError(layers, steps, strength)],
          trainingNodes: layers.map(({ node: behind, start, largest: known }) => ({
            behind,
            node: rateNorm({ start, known }),
          })),
        },
      );
    };
    const spikes = async ([clipped, settled]: readonly Reached[]) => {
      const net = analogueNet(settled!.model);
      const scales = new Map(
        [...beforeRectifiers(net.model)].map(([layer, behind]) => {
          const p = Number(settled!.arrays[`${behind}.rate-norm.p`]![0]);
          return [layer, p * Number(clipped!.arrays[`${behind}.rate-norm.largest`]![0])] as const;
        }),
      );
      const fit = () => balance.spikingModel(net, { scales, reset: 'subtract' }, steps);
      return new FittedRun({ ...site, fit });
    };
    if (site.model === undefined) {
      const fixed = { steps, encoder: 'direct', bits: undefined, prune: 0 };
      hybrid.refuseUnconvertible(site, { ...chosen, ...fixed });
    }
    return StagedRun.open([clips, rates, spikes]);
  },
});
