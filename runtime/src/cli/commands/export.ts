import { type Format, formats, type Model, SpikewireError } from '@spikewire/models';
import { formatOfName } from '../../extensions/formats.ts';
import type { Command } from '../command.ts';
import { formatListing, rewrite, rewriteOptions, sayRewritten } from '../rewrite.ts';

/** `spikewire export`: a model in, a file for people or for another system out. */
export const command: Command = {
  name: 'export',
  summary: 'write a model in another format, such as JSON, a C header, NIR or ONNX',
  group: 'Models',
  examples: ['net.spike --out net.nir --nearest', 'net.spike --state learned --out net.json'],
  positionals: [{ name: 'model', doc: 'model file, or a built-in model, such as next-reading-1' }],
  options: {
    ...rewriteOptions,
    state: {
      type: 'string',
      value: '<file>',
      doc: 'put what a net has learned into the file, from its saved state (*.slot), or from the folder of run --store',
    },
    nearest: {
      type: 'boolean',
      doc: 'if the format cannot express a part of the model, write the nearest equivalent and report what is lost',
    },
    steps: {
      type: 'string',
      value: '<n>',
      doc: 'time steps that an .onnx file computes in one call (default: one, without a time axis)',
    },
    spikes: { type: 'boolean', doc: 'let an .onnx file also output the spikes of every population' },
  },
  listing: () => formatListing('write'),

  async run(args, console) {
    const out = args.needed('out', 'a file for the model');
    const where = `spikewire export --out ${out}`;
    const to = await formatOfName(where, out);
    const state = args.text('state');
    const writing = { steps: args.number('steps', { minimum: 1, whole: true }), spikes: args.flag('spikes') };
    if (args.flag('nearest') && to.nearest === undefined) {
      throw new SpikewireError('usage', `spikewire export --nearest`, `is not for ${to.name}`, 'a format such as nir');
    }
    const change = async (model: Model) => {
      const { model: learned, notes } = state === undefined ? { model, notes: [] } : await withState(model, state, to);
      if (!args.flag('nearest')) return { model: learned, notes };
      const { lossLines } = await import('../nearest-loss.ts');
      const { model: nearest, losses } = to.nearest!(learned);
      const lost = losses.length === 0 ? [] : [...losses, ...lossLines(learned, nearest)];
      return { model: nearest, notes: [...notes, ...lost] };
    };
    sayRewritten(await rewrite({ path: args.positionals[0]!, out, to, writing, change }, args, console), console);
  },
};

/** With what was learned; weights learn on only in formats of devices. */
async function withState(model: Model, state: string, to: Format) {
  const { learnedModel } = await import('../../inspect/state-of-model.ts');
  const { model: learned, notes } = await learnedModel(model, state);
  if (learned.learning.size === 0 || formats.some((own) => own === to)) return { model: learned, notes };
  return {
    model: { ...learned, learning: new Map() },
    notes: [...notes, 'the learned weights are written as constants'],
  };
}
