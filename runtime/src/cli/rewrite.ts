import { type Format, writeWith } from '@spikewire/models';
import { writeWhole } from '../atomic-file.ts';
import { allFormats, formatOfName } from '../extensions/formats.ts';
import type { Command, CommandArguments, CommandListing } from './command.ts';
import { aboutFile, memoryOf, memoryOption, modelArgument, openModel } from './model-argument.ts';
import { overwriteOption, refuseExisting } from './overwrite.ts';

/**
 * A command that reads a model of any format and writes it as the ending of `--out` says, where the command takes that.
 */
export function rewriteCommand(
  { name, summary, group, doc }: Pick<Command, 'name' | 'summary' | 'group'> & { readonly doc: string },
  direction: 'read' | 'write',
  check: (to: Format, where: string) => void = () => {},
): Command {
  return {
    name,
    summary,
    ...(group === undefined ? {} : { group }),
    positionals: [{ ...modelArgument, doc }],
    options: {
      out: { type: 'string', value: '<file>', doc: 'file to write; its extension sets the format (required)' },
      overwrite: overwriteOption('the file'),
      memory: memoryOption,
      ...(direction === 'write' ? stepOptions : {}),
    },
    listing: () => formatListing(direction),

    async run(args, console) {
      const out = args.needed('out', 'a file for the model');
      const where = `spikewire ${name} --out ${out}`;
      const to = await formatOfName(where, out);
      check(to, where);
      const path = args.positionals[0]!;
      const { format: from, model, notes: read } = await openModel(path, console, memoryOf(args));
      const notes = [...read];
      const note = (line: string) => {
        notes.push(line);
        console.warn(`${out}: ${line}`);
      };
      const choices = direction === 'write' ? { ...stepsOf(args), note } : {};
      const bytes = await aboutFile(path, () => writeWith(to, model, choices));
      await refuseExisting(args, { '--out': out });
      await writeWhole(out, bytes);
      const report = { out, from: from.name, to: to.name, fileBytes: bytes.length, notes };
      console.result(report, () => `${out}: ${bytes.length} bytes of ${to.name}, from ${from.name}`);
    },
  };
}

/** Options of a format that computes steps of a net. */
const stepOptions: Command['options'] = {
  steps: {
    type: 'string',
    value: '<n>',
    doc: 'steps that an .onnx file computes at once (default: one, without an axis)',
  },
  spikes: { type: 'boolean', doc: 'an .onnx file also gives the spikes of every population' },
};

function stepsOf(args: CommandArguments) {
  return { steps: args.number('steps', { minimum: 1, whole: true }), spikes: args.flag('spikes') };
}

/** The formats of this machine; who asks for one of a package that is broken is told why. */
async function formatListing(direction: 'read' | 'write'): Promise<CommandListing> {
  const known = (await allFormats()).filter((format) => format[direction] !== undefined);
  const title = direction === 'read' ? 'Formats of <model>' : 'Formats of --out';
  return { title, rows: known.map(({ extensions, summary }) => [extensions.join(', '), summary] as const) };
}
