import { rm } from 'node:fs/promises';
import { modelDigest, SpikewireError } from '@spikewire/models';
import type { Backup } from '../../store/backup.ts';
import type { Command, CommandConsole } from '../command.ts';
import { aboutFile, openModel } from '../model-argument.ts';

/** Models that an error names. */
const SHOWN = 3;

/** `spikewire restore`: a store, and the model, out of the file that `spikewire backup` wrote. */
export const command: Command = {
  name: 'restore',
  summary: 'restore a store (what nets have learned), and its model, from a backup',
  group: 'Operate',
  examples: ['air.backup --store learned --model air.spike'],
  positionals: [{ name: 'file', doc: 'the backup file' }],
  options: {
    store: { type: 'string', value: '<folder>', doc: 'the store to create; it must not exist (required)' },
    model: {
      type: 'string',
      value: '<file>',
      doc:
        'if the backup contains a model: the file to write it to; if not: your model file, which is only read, to ' +
        'check that it is the model of a saved net in the backup',
    },
  },

  async run(args, console) {
    const [path, out] = [args.positionals[0]!, args.text('model')];
    const store = args.needed('store', 'the name of a new folder');
    const { expectNothing, readBackup, readBackupFile, restoreStores, writeAnew } = await import(
      '../../store/backup.ts'
    );
    const bytes = await readBackupFile(path);
    const backup = await aboutFile(path, () => readBackup(bytes));
    const { slots, model } = backup;
    await expectNothing(store);
    const written = model === undefined ? undefined : out;
    if (written !== undefined) await writeAnew(written, model!.bytes);
    else if (out !== undefined) await expectModelOf(backup, path, out, console);
    try {
      await restoreStores(store, backup);
    } catch (failure) {
      if (written !== undefined) await rm(written, { force: true }).catch(() => {}); // the first failure is the one to report
      throw failure;
    }
    console.result({ store, states: slots.size, model: out ?? null }, () => [
      `${store}: ${slots.size} ${slots.size === 1 ? 'saved net' : 'saved nets'}` +
        `${out === undefined ? '' : `, ${slots.size === 1 ? 'its' : 'their'} model in ${out}`}`,
      ...(out === undefined && model !== undefined
        ? [`the backup also has the model ${model.name}; --model <file> writes it`]
        : []),
    ]);
  },
};

/** Throws `file` where no saved net is of that model. */
async function expectModelOf(backup: Backup, path: string, file: string, console: CommandConsole): Promise<void> {
  const { modelsOf } = await import('../../store/backup.ts');
  const digest = modelDigest((await openModel(file, console)).model);
  const theirs = modelsOf(backup);
  if (theirs.has(digest)) return;
  const expected = `${[...theirs].slice(0, SHOWN).join(' or ')}, of the states in ${path}`;
  throw new SpikewireError('file', file, `is the model ${digest}`, expected);
}
