import { extname } from 'node:path';
import type { ChannelDeclaration, FeatureChain, Model } from '@spikewire/models';
import { writeWhole } from '../../atomic-file.ts';
import { under } from '../arguments.ts';
import type { Command, OptionDeclaration } from '../command.ts';
import { anomaly } from '../new/anomaly.ts';
import { classifier } from '../new/classifier.ts';
import type { NewKind } from '../new/new-kind.ts';
import { overwriteOption, refuseExisting } from '../overwrite.ts';

/** What there is; another one is a file of its own and a word here. */
const kinds: readonly NewKind[] = [anomaly, classifier];

type Options = Readonly<Record<string, OptionDeclaration>>;

const written: Options = {
  out: { type: 'string', value: '<file>', doc: 'model file to write; .spike or .json sets the format (required)' },
  overwrite: overwriteOption('file'),
};

/** Those that all kinds have, and below a heading those of one. */
function optionsOfAll(): Options {
  const isShared = (option: string) => kinds.every(({ options }) => Object.hasOwn(options, option));
  const some = (options: Options, shared: boolean) =>
    Object.fromEntries(Object.entries(options).filter(([option]) => isShared(option) === shared));
  const own = kinds.map(({ name, options }) => under(`Only for ${name}`, some(options, false)));
  return { ...some(kinds[0]!.options, true), ...written, ...Object.assign({}, ...own) };
}

/** `spikewire new`: a model for a stream of one's own, from what is known before its first reading. */
export const command: Command = {
  name: 'new',
  summary: 'create a model file for your sensors; when it runs, it learns from their readings; start here',
  group: 'Start',
  examples: [
    'anomaly --channels temperature,humidity --unit °C,% --out air.spike',
    'classifier --channel vibration --block 2048 --labels off,on --out mill.spike',
  ],
  positionals: [
    {
      name: 'kind',
      doc: 'kind of the model, see below',
      words: kinds.map(({ name }) => name),
    },
  ],
  options: {
    ...optionsOfAll(),
    'warm-up': {
      type: 'string',
      value: '<n>',
      doc:
        'readings from which the model learns what is usual ' +
        '(default: 400 for anomaly, 240 for classifier, with --block 30)',
    },
  },
  actions: kinds.map((kind) => ({ ...kind, options: { ...kind.options, ...written } })),
  listing: anomaly.listing!,

  async run(args, console) {
    const { FeatureChain: Chain, formats, SpikewireError, writeWith } = await import('@spikewire/models');
    const name = args.positionals[0]!;
    const kind = kinds.find((candidate) => candidate.name === name)!;
    const out = args.text('out');
    if (out === undefined)
      throw new SpikewireError('usage', `spikewire new ${name}`, '--out is missing', 'a file for the model');
    const format = formats.find(({ extensions }) => extensions.includes(extname(out).toLowerCase()));
    if (format === undefined) {
      const where = `spikewire new ${name} --out ${out}`;
      throw new SpikewireError('usage', where, 'is not the name of a model file that can learn', '.spike or .json');
    }
    const model = await kind.make(args, console);
    const bytes = await writeWith(format, model);
    await refuseExisting(args, { '--out': out });
    await writeWhole(out, bytes);
    const monitors = (model.monitors ?? []).map(({ type }) => type);
    const hop = readingsPerAnswer(model, Chain);
    const channels = model.channels.map((channel) => channel.name);
    console.result({ out, kind: name, channels, monitors, readingsPerAnswer: hop, fileBytes: bytes.length }, () => [
      `${out}: written, ${bytes.length} bytes, format ${format.name}; channels: ` +
        `${model.channels.map(withUnit).join(', ')}`,
      ...(hop > 1 ? [`an answer comes after every ${hop} readings`] : []),
      ...(monitors.length > 0 ? [`watched by ${monitors.join(', ')}`] : []),
    ]);
  },
};

/** Readings from one answer to the next, 1 at least. */
function readingsPerAnswer({ features }: Model, Chain: typeof FeatureChain): number {
  const chains = Array.from(features?.values() ?? [], (stages) => {
    return new Chain('features', stages, Chain.outputsOf('features', stages));
  });
  return Math.max(1, ...chains.map(({ hop }) => hop));
}

function withUnit({ name, unit }: ChannelDeclaration): string {
  return unit === '' ? name : `${name} (${unit})`;
}
