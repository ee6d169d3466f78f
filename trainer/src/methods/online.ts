import { SpikewireError } from '@spikewire/models';
import { toldLabels } from '../runs/stream/lessons.ts';
import { method } from './method.ts';

/**
 * The rules are the model's: PES, e-prop, R-STDP. What it learns here is what it would have learned on a device, in the
 * same order.
 */
export const online = method({
  name: 'online',
  summary: 'trains --model by its own learning rules, one labelled sample after the other, as on a device',
  source: 'rules: docs/kinds.md in the source code',
  takesNumbers: true,
  parameters: {
    epochs: { doc: 'epochs', form: 'integer', default: 5, minimum: 1 },
    batch: { doc: 'samples per step', form: 'integer', default: 64, minimum: 1 },
    device: {
      doc: 'where it learns: an engine, or <driver>:<board>',
      form: 'text',
      default: 'clocked',
    },
  },
  async start({ model, ...site }, parameters) {
    if (model === undefined) {
      throw new SpikewireError('usage', 'spikewire train', '--model is missing', 'a model with learning rules');
    }
    const { StreamRun } = await import('../runs/stream/stream.ts');
    const { classes } = site.data;
    const labelled = model.labels.length > 0 ? model : { ...model, labels: classes };
    return StreamRun.open({ ...site, ...parameters, model: labelled, lessons: toldLabels(classes) });
  },
});
