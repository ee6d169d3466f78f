import { SpikewireError } from '@spikewire/models';
import { netParameters } from '../architecture/parameters.ts';
import type { Teacher } from '../losses/distilled.ts';
import { hybridParameters } from '../runs/hybrid/hybrid-parameters.ts';
import type { Reached } from '../runs/hybrid/stages.ts';
import { method } from './method.ts';

const { encoder: _encoder, ...parameters } = hybridParameters;

const share = { form: 'number', minimum: 0 } as const;

/**
 * Knowledge distillation for conversion (Takuya, Zhang and Nakashima 2021): a large analogue net learns; a small one
 * learns to answer like it, λ1·L + λ2·τ²·KL(large‖small); it is converted, and the spiking net learns on by surrogate
 * gradients with both of them as teachers, L = λ1·L_ce + λ2·τ²·KL(large‖spiking) + λ3·τ²·KL(small‖spiking), all at the
 * temperature τ. Input is direct current; the output adds up what arrives.
 *
 * Limits: teachers have no time and see the current that the student gets, so there are no rate codes. With `--model`
 * that is the large net. The divergence is that of Hinton et al. 2015, which surveys also write the other way round.
 */
export const kd = method({
  name: 'kd',
  summary:
    'a large non-spiking net teaches a small one; the small one is converted to a spiking net, which then learns ' +
    'from both',
  source: 'Takuya, Zhang and Nakashima 2021, Training low-latency SNN through knowledge distillation',
  parameters: {
    ...parameters,
    teacher: {
      ...netParameters.arch,
      doc: 'layers of the large net, written as for --arch; without it, --model is the large net',
    },
    temperature: {
      doc: 'τ, temperature of the softmax that compares answers',
      form: 'number',
      default: 4,
      above: 0,
    },
    labelWeight: { doc: 'λ1, weight of the labels in the loss', ...share, default: 0.5 },
    largeWeight: { doc: 'λ2, weight of the large net in the loss', ...share, default: 0.5 },
    smallWeight: { doc: 'λ3, weight of the small net in the loss of the spiking one', ...share, default: 0.25 },
  },
  presets: {
    mnist: {
      data: 'mnist',
      parameters: {
        teacher: 'bn-32C5-P2-bn-64C5-P2-bn-512-10',
        arch: '12C5-P2-32C5-P2-10',
        analogueEpochs: 6,
        epochs: 6,
        augment: 'shift:most=1',
      },
    },
  },
  async start(site, { teacher, temperature, labelWeight, largeWeight, smallWeight, ...given }) {
    const [
      { analogueStage, convertedStage, refuseUnconvertible },
      { StagedRun },
      { distilled },
      { losses },
      { prepared },
    ] = await Promise.all([
      import('../runs/hybrid/hybrid.ts'),
      import('../runs/hybrid/stages.ts'),
      import('../losses/distilled.ts'),
      import('../losses/losses.ts'),
      import('../kinds/kind.ts'),
    ]);
    const { model } = site;
    if (model === undefined && teacher === undefined) {
      const expected = 'layers of the large net, or it by --model';
      throw new SpikewireError('usage', 'spikewire train', '--teacher is missing', expected);
    }
    const chosen = { ...given, encoder: 'direct' };
    refuseUnconvertible(site, chosen);
    const taught = (loss: string, ...teachers: readonly Teacher[]) => ({
      loss: distilled(prepared('loss', losses, loss), { weight: labelWeight, temperature, teachers }),
    });
    const large = (before: readonly Reached[]) => ({ model: model ?? before[0]!.model, weight: largeWeight });
    const small = (before: readonly Reached[]) => before.at(-1)!.model;
    const own = [
      analogueStage(site, chosen, (before) => taught('membrane', large(before))),
      convertedStage(site, chosen, small, (before) =>
        taught('accumulated', large(before), { model: small(before), weight: smallWeight }),
      ),
    ] as const;
    if (model !== undefined) return StagedRun.open(own);
    return StagedRun.open([analogueStage(site, { ...chosen, arch: teacher }, () => ({})), ...own]);
  },
});
