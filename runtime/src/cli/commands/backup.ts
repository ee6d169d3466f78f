import { modelDigest, SpikewireError } from '@spikewire/models';
import type { Command } from '../command.ts';
import { openModel } from '../model-argument.ts';

/** Lines about what is left out. */
const SHOWN = 20;

/** `spikewire backup`: what all nets of a store have learned, and their model, as one file. */
export const command: Command = {
  name: 'backup',
  summary: 'save a store (what nets have learned) to one file; with --model, save the model too',
  group: 'Operate',
  examples: ['air.backup --store learned --model air.spike'],
  positionals: [{ name: 'file', doc: 'the backup file to write; it must not exist' }],
  options: {
    store: {
      type: 'string',
      value: '<folder>',
      doc: 'the store (the folder of run --store); first stop the process that uses it (required)',
    },
    model: {
      type: 'string',
      value: '<model>',
      doc: 'also save this model file; it should be the model of the nets in the store',
    },
  },

  async run(args, console) {
    const [path, model] = [args.positionals[0]!, args.text('model')];
    const store = args.needed('store', `the store (the folder of run --store) to save into the file ${path}`);
    const [{ hasStatesOf, writeAnew, writeBackup }, { readStores }] = await Promise.all([
      import('../../store/backup.ts'),
      import('../../store/read-stores.ts'),
    ]);
    const opened = model === undefined ? undefined : await openModel(model, console);
    const { slots, leftOut, leftOutCount } = await readStores(store);
    if (slots.size === 0)
      throw new SpikewireError(
        'store',
        `store ${store}`,
        'has no saved nets',
        'the folder that run --store has written',
      );
    const isTheirs = opened !== undefined && hasStatesOf(modelDigest(opened.model), { slots });
    if (opened !== undefined && !isTheirs)
      console.warn(`warning: ${model} is not the model of any net in ${store}; the backup contains both anyway`);
    const bytes = writeBackup({ slots, model: opened && { name: model!, bytes: opened.bytes } });
    await writeAnew(path, bytes);
    // A net has up to two states.
    const nets = new Set(Array.from(slots.keys(), (name) => name.slice(0, name.lastIndexOf('/')))).size;
    const withModel =
      opened === undefined
        ? ''
        : ` and ${isTheirs ? `${nets === 1 ? 'its' : 'their'} model` : 'a model of other nets'}`;
    console.result({ file: path, bytes: bytes.length, nets, states: slots.size, leftOut, leftOutCount }, () => [
      `${path}: ${nets} ${nets === 1 ? 'net' : 'nets'}${withModel}, ${bytes.length} bytes`,
      ...leftOut.slice(0, SHOWN).map(({ name, because }) => `left out: ${name}: ${because}`),
      ...(leftOutCount > SHOWN ? [`left out: ${leftOutCount - SHOWN} more`] : []),
    ]);
  },
};
