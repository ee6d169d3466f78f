import { rateError } from '../regularisers/rate-error.ts';
import { hybridParameters } from '../runs/hybrid/hybrid-parameters.ts';
import type { Reached } from '../runs/hybrid/stages.ts';
import type { MethodSite } from '../runs/run.ts';
import { beforeRectifiers, inPlaceOfRectifiers } from '../training-nodes/before-rectifiers.ts';
import { rateNorm } from '../training-nodes/rate-norm.ts';
import { method } from './method.ts';

const {
  percentile: _percentile,
  leak: _leak,
  surrogate: _surrogate,
  resetGradient: _resetGradient,
  encoder: _encoder,
  ...parameters
} = hybridParameters;
const { epochs, learningRate, bits: _bits, prune: _prune, ...others } = parameters;

/**
 * Rate norm layers (Ding, Yu, Tian and Huang 2021): an analogue net learns with activations held within 0 … θ_l, θ_l =
 * p_l·max x, p_l learned with the weights. Then p alone learns, by the labels and by how far rates counted
 * over T steps may be from those of the analogue net, ‖r‖₁/(T·‖r‖₂²) of each layer: smaller thresholds make rates
 * higher and clip more. The net is converted with λ_l = θ_l and soft reset. Neurons begin with half a threshold in the
 * membrane, by which the expected error of a count is least (Bu, Ding, Yu and Huang 2022); the source begins at 0, as
 * `--start 0` does: on Fashion-MNIST with 8 steps a net of three layers has 6 points less (trainer/RESULTS.md).
 *
 * Limits: the bound of the rate inference loss is derived here for counts of neurons with soft reset and constant
 * input; of deeper layers, whose input comes and goes, it is an estimate. One θ a layer; chains of layers without ways
 * past.
 */
export const rnl = method({
  name: 'rnl',
  summary: 'trains a non-spiking net and the value at which each layer clips, then converts it',
  source: 'Ding et al. 2021, Optimal ANN-SNN conversion for fast and accurate inference in deep SNNs',
  parameters: {
    ...others,
    steps: { ...parameters.steps, default: 8 },
    epochs: {
      ...epochs,
      doc: 'epochs in which only p, where each layer clips, is learned; without it, fewer for more samples',
    },
    learningRate: { ...learningRate, doc: 'highest learning rate of p', default: 0.01 },
    start: {
      doc: 'membrane of the spiking neurons at the start of a sample, as a share of the threshold',
      form: 'number',
      default: 0.5,
      minimum: 0,
      below: 1,
    },
    strength: { doc: 'weight of the error of rates in the loss', form: 'number', default: 0.5, minimum: 0 },
  },
  presets: {
    mnist: { data: 'mnist', parameters: { arch: '12C5-P2-32C5-P2-10', analogueEpochs: 6, epochs: 2 } },
  },
  async start(site, { strength, start, ...given }) {
    const [{ analogueChoices, refuseUnconvertible }, { StagedRun }, { trainNet }] = await Promise.all([
      import('../runs/hybrid/hybrid.ts'),
      import('../runs/hybrid/stages.ts'),
      import('../runs/gradient/train-net.ts'),
    ]);
    const chosen = { ...given, encoder: 'direct', bits: undefined, prune: 0 };
    if (site.model === undefined) refuseUnconvertible(site, chosen);
    const choices = analogueChoices(chosen);
    const { steps, epochs, learningRate } = chosen;
    const clips = () => trainNet(site, choices, (net) => ({ trainingNodes: inPlaceOfRectifiers(net, rateNorm()) }));
    const rates = ([clipped]: readonly Reached[]) => {
      const { model } = clipped!;
      const layers = clippedLayers(clipped!);
      return trainNet(
        { ...site, model },
        { ...choices, epochs, learningRate, dropout: 0 },
        {
          learn: { fixed: [...model.graph.nodes.keys()] },
          regularisers: [rateError(layers, steps, strength)],
          trainingNodes: layers.map(({ node: behind, learned: start, largest: known }) => {
            return { behind, node: rateNorm({ start, known }) };
          }),
        },
      );
    };
    return StagedRun.open([clips, rates, (before) => convertedRun(site, before, { steps, start })]);
  },
});

/** The layers of an analogue net, by what their clipping has learned. */
function clippedLayers({ model, arrays }: Reached) {
  return [...beforeRectifiers(model)].map(([layer, node]) => {
    const p = `${node}.rate-norm.p`;
    const largest = Number(arrays[`${node}.rate-norm.largest`]![0]);
    return { layer, node, p, learned: Number(arrays[p]![0]), largest };
  });
}

/** The net with λ = θ = p·max x, p of the last stage and the largest x of the first. */
async function convertedRun(
  site: MethodSite,
  [clipped, settled]: readonly Reached[],
  { steps, start }: { readonly steps: number; readonly start: number },
) {
  const [{ FittedRun }, { analogueNet }, { spikingModel }] = await Promise.all([
    import('../runs/fitted.ts'),
    import('../conversion/analogue/analogue-net.ts'),
    import('../conversion/spiking-model.ts'),
  ]);
  const net = analogueNet(settled!.model);
  const layers = clippedLayers({ model: net.model, arrays: { ...clipped!.arrays, ...settled!.arrays } });
  const scales = new Map(layers.map(({ layer, learned, largest }) => [layer, learned * largest]));
  return new FittedRun({ ...site, fit: () => spikingModel(net, { scales, reset: 'subtract', start }, steps) });
}
