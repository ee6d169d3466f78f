import { SpikewireError } from '@spikewire/models';
import type { Command } from '../command.ts';
import { aboutFile } from '../model-argument.ts';

/** `spikewire restore`: a store, and the model, out of the file that `spikewire backup` wrote. */
export const command: Command = {
  name: 'restore',
  summary: 'make a store, and the file of its model, from a backup',
  positionals: [{ name: 'file', doc: 'what spikewire backup has written' }],
  options: {
    store: { type: 'string', value: '<folder>', doc: 'the store to make; one that is there already is refused' },
    model: { type: 'string', value: '<file>', doc: 'where its model goes; one that is there already is refused' },
  },

  async run(args, console) {
    const [path, out] = [args.positionals[0]!, args.text('model')];
    const store = args.needed('store', 'the name of a folder to make');
    const { expectNothing, readBackup, readBackupFile, restoreStores, writeAnew } = await import(
      '../../store/backup.ts'
    );
    const bytes = await readBackupFile(path);
    const backup = await aboutFile(path, () => readBackup(bytes));
    const { slots, model } = backup;
    if (out !== undefined && model === undefined)
      throw new SpikewireError(
        'usage',
        'spikewire restore --model',
        'is given',
        `a backup with a model, or none; ${path} has none`,
      );
    await expectNothing(store);
    if (out !== undefined) await writeAnew(out, model!.bytes);
    await restoreStores(store, backup);
    console.result({ store, states: slots.size, model: out ?? null }, () => [
      `${store}: ${slots.size} states${out === undefined ? '' : `, their model in ${out}`}`,
      ...(out === undefined && model !== undefined
        ? [`--model <file> would have written its model, ${model.name}`]
        : []),
    ]);
  },
};
