import type { ChannelDeclaration } from '@spikewire/models';
import { writeWhole } from '../../atomic-file.ts';
import { formatOfName } from '../../extensions/formats.ts';
import type { Command } from '../command.ts';
import { anomaly } from '../new/anomaly.ts';
import { classifier } from '../new/classifier.ts';
import type { NewKind } from '../new/new-kind.ts';
import { overwriteOption, refuseExisting } from '../overwrite.ts';

/** What there is; another one is a file of its own and a word here. */
const kinds: readonly NewKind[] = [anomaly, classifier];

/** `spikewire new`: a model for a stream of one's own, from what is known before its first reading. */
export const command: Command = {
  name: 'new',
  summary: 'create a model that learns from the readings of your sensors; start here',
  group: 'Start',
  examples: [
    'anomaly --channels temperature,humidity --unit °C,% --out air.spike',
    'classifier --channel vibration --block 2048 --labels off,on --out mill.spike',
  ],
  positionals: [
    {
      name: 'kind',
      doc: kinds.map(({ name, summary }) => `${name}: ${summary}`).join('; '),
      words: kinds.map(({ name }) => name),
    },
  ],
  options: {
    ...Object.assign({}, ...kinds.map(({ options }) => options)),
    out: { type: 'string', value: '<file>', doc: 'model file to write; .spike or .json sets the format (required)' },
    overwrite: overwriteOption('the file'),
  },
  listing: async () => {
    const { besidePrediction, monitorKindOf } = await import('@spikewire/models');
    const rows = besidePrediction.map((type) => [type, monitorKindOf(type, 'monitor').about ?? ''] as const);
    return { title: 'Checks of anomaly', rows };
  },

  async run(args, console) {
    const { SpikewireError, writeWith } = await import('@spikewire/models');
    const name = args.positionals[0]!;
    const kind = kinds.find((candidate) => candidate.name === name);
    const names = kinds.map((candidate) => candidate.name).join(', ');
    if (kind === undefined) throw new SpikewireError('usage', `spikewire new ${name}`, 'is not a kind of model', names);
    const others = kinds.flatMap(({ options }) => Object.keys(options)).filter((option) => !(option in kind.options));
    const other = others.find((option) => args.text(option) !== undefined);
    if (other !== undefined)
      throw new SpikewireError('usage', `spikewire new ${name} --${other}`, 'has no effect', 'an option of this kind');
    const out = args.text('out');
    if (out === undefined)
      throw new SpikewireError('usage', `spikewire new ${name}`, '--out is missing', 'a file for the model');
    const format = await formatOfName(`spikewire new ${name} --out ${out}`, out);
    const model = await kind.make(args, console);
    const bytes = await writeWith(format, model);
    await refuseExisting(args, { '--out': out });
    await writeWhole(out, bytes);
    const monitors = (model.monitors ?? []).map(({ type }) => type);
    const channels = model.channels.map((channel) => channel.name);
    console.result({ out, kind: name, channels, monitors, fileBytes: bytes.length }, () => [
      `${out}: written, ${bytes.length} bytes (${format.name}); channels: ${model.channels.map(withUnit).join(', ')}`,
      ...(monitors.length > 0 ? [`watched by ${monitors.join(', ')}`] : []),
    ]);
  },
};

function withUnit({ name, unit }: ChannelDeclaration): string {
  return unit === '' ? name : `${name} (${unit})`;
}
