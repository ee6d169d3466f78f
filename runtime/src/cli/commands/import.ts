import { stat } from 'node:fs/promises';
import { type Format, formats, type Model, SpikewireError } from '@spikewire/models';
import { allFormats, formatOfName } from '../../extensions/formats.ts';
import type { Command, CommandArguments, CommandListing } from '../command.ts';
import { reportOptions, writeReport } from '../import-report.ts';
import { formatListing, rewrite, rewriteOptions, sayRewritten } from '../rewrite.ts';
import { refuseSampleOptions, sampleOptions, withSampleOptions } from '../sample-options.ts';
import { stepChoices, stepOptions } from '../step-options.ts';

/** `spikewire import`: a model of another system in, one that devices read out; or a folder of them. */
export const command: Command = {
  name: 'import',
  group: 'Models',
  summary: 'convert a model file of another program to .spike or .json, the formats of spikewire',
  examples: ['net.nir --from snntorch --out net.spike', 'nets --out imported'],
  positionals: [{ name: 'model', doc: 'model file in one of the formats below, or a folder of them' }],
  options: {
    ...rewriteOptions,
    out: { ...rewriteOptions.out, doc: `${rewriteOptions.out.doc}; for a folder, the folder to write to` },
    ...stepOptions,
    ...reportOptions,
    ...sampleOptions,
  },
  listing: async () => [await formatListing('read'), ...(await ruleListings())],

  async run(args, console) {
    const path = args.positionals[0]!;
    const out = args.needed('out', 'a file for the model');
    const choices = stepChoices(args, 'import');
    const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() === true;
    const report = args.text('report');
    refuseUnused(args, isFolder);
    if (isFolder) {
      refuseSampleOptions(args, 'has no effect for a folder', 'one file');
      const { importFolder } = await import('../import-folder.ts');
      return importFolder({ path, out, choices }, args, console);
    }
    const where = `spikewire import --out ${out}`;
    const to = await formatOfName(where, out);
    refuseForeign(to, where);
    const change = async (model: Model) => ({ model: withSampleOptions(model, args), notes: [] });
    const rewritten = await rewrite({ path, out, to, choices, change }, args, console);
    if (report === undefined) return sayRewritten(rewritten, console);
    const { document, lines } = await writeReport(path, report, choices, args, console);
    sayRewritten(rewritten, console, { report, document, lines });
  },
};

function refuseUnused(args: CommandArguments, isFolder: boolean): void {
  const where = 'spikewire import';
  if (args.text('report') !== undefined) {
    if (isFolder)
      throw new SpikewireError('usage', `${where} --report`, 'compares the steps of one net', 'one model file');
    return;
  }
  for (const option of ['input', 'sample'])
    if (args.text(option) !== undefined)
      throw new SpikewireError('usage', `${where} --${option}`, 'is the input of the report', '--report with it');
}

function refuseForeign(to: Format, where: string): void {
  if (formats.some((own) => own === to)) return;
  const endings = formats.flatMap(({ extensions }) => extensions).join(' or ');
  throw new SpikewireError(
    'usage',
    where,
    `is ${to.name}, a format that devices cannot run`,
    `${endings}, or spikewire export`,
  );
}

/** The frameworks of `--from`. */
async function ruleListings(): Promise<CommandListing[]> {
  return (await allFormats()).flatMap(({ extensions, stepRules }) =>
    stepRules === undefined
      ? []
      : [{ title: `Frameworks of --from for ${extensions.join(', ')}`, rows: Object.entries(stepRules) }],
  );
}
