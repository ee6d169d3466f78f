import type { LoihiForm, LoihiLoss } from '@spikewire/exchange/loihi';
import { percent } from '@spikewire/exchange/report';
import { type Model, SpikewireError, writeModel } from '@spikewire/models';
import type { CommandArguments, CommandConsole } from 'spikewire/cli';

/** The board of `--for` whose integers are not those of the engines. */
export const LOIHI = 'loihi';

const NIR = '.nir';
/** Options that say what Loihi has settled, or what only samples tell. */
const WITHOUT_EFFECT = ['bits', 'membrane', 'data', 'limit'];

/**
 * Writes a model in the integers of Loihi, as a model file whose `LoihiLIF` compute them in every engine, or as NIR for
 * nengo-loihi and Lava; and tells what it lost on random spikes.
 */
export async function quantizeForLoihi(args: CommandArguments, console: CommandConsole, out: string): Promise<void> {
  const other = WITHOUT_EFFECT.find((name) => args.text(name) !== undefined);
  if (other !== undefined)
    throw new SpikewireError('usage', `spikewire quantize --${other}`, `has no effect with --for ${LOIHI}`);
  const [{ loadModel, prepareFile, writeWhole }, { quantizeForLoihi, lossOf }] = await Promise.all([
    import('spikewire/cli'),
    import('@spikewire/exchange/loihi'),
  ]);
  const model = await loadModel(args.positionals[0]!, console);
  const form = quantizeForLoihi(model);
  const loss = await lossOf(model, form);
  await prepareFile(out);
  const { bytes, notes } = await written(form, out);
  await writeWhole(out, bytes);
  for (const note of notes) console.say(`warning: ${note}`);
  const { populations } = form;
  console.result({ out, board: LOIHI, populations, notes, loss }, () => format(out, bytes.length, form, loss));
}

async function written(form: LoihiForm, out: string): Promise<{ bytes: Uint8Array; notes: readonly string[] }> {
  if (!out.toLowerCase().endsWith(NIR)) return { bytes: writeModel(withCard(form.model)), notes: form.notes };
  const [{ writeNir }, { loihiNir }] = await Promise.all([
    import('@spikewire/exchange/nir'),
    import('@spikewire/exchange/loihi'),
  ]);
  const nir = loihiNir(form);
  return { bytes: writeNir(nir.model), notes: [...form.notes, ...nir.notes] };
}

function withCard(model: Model): Model {
  return { ...model, provenance: { ...model.provenance, board: LOIHI } };
}

function format(out: string, bytes: number, { populations }: LoihiForm, loss: LoihiLoss): string[] {
  const { seed, samples, steps, probability } = loss.input;
  return [
    ...populations.flatMap(({ node, thresholdError, decayError, connections }) => [
      ...connections.map(
        ({ node: connection, weights, worstError }) =>
          `${connection}: ${weights} weights, off by at most ${percent(worstError)} of the largest`,
      ),
      `${node}: threshold off by ${percent(thresholdError)}, leak of a step by ${percent(decayError)}`,
    ]),
    ...loss.nodes.map(
      ({ node, spikes, late, differingMoved }) =>
        `${node}: ${spikes[0]} spikes in the float model, ${spikes[1]} on Loihi; ${percent(differingMoved)} differ` +
        (late === 0 ? '' : ` if moved by the ${late} steps by which they come later`),
    ),
    `measured on random spikes: seed ${seed}, ${samples} samples of ${steps} steps, probability ${probability}`,
    `${out}: ${bytes} bytes`,
  ];
}
