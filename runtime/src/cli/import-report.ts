import { type ReadingChoices, type ResolvedGraph, resolveGraph, SpikewireError, tensor } from '@spikewire/models';
import { writeWhole } from '../atomic-file.ts';
import type { SimulationInput } from '../simulate/input.ts';
import { inputFor } from '../simulate/simulate.ts';
import type { CommandArguments, CommandConsole, OptionDeclaration } from './command.ts';
import { readInputFile, sampleOption } from './input-file.ts';
import { memoryOf, openModel } from './model-argument.ts';

const GROUP = 'Report of step rules';

export const reportOptions = {
  report: {
    type: 'string',
    value: '<file>',
    doc: 'HTML page to write: how spikes and answers differ if steps are computed as in each framework',
    group: GROUP,
  },
  input: {
    type: 'string',
    value: '<file>',
    doc: 'input of the nets for this report, a file as for simulate --input (default: random spikes)',
    group: GROUP,
  },
  sample: { ...sampleOption, group: GROUP },
} as const satisfies Readonly<Record<string, OptionDeclaration>>;

/**
 * Reads a file under the chosen step rule and under that of each framework, with the same dt, compares what the nets do
 * and writes the page of `--report`; gives the figures.
 */
export async function writeReport(
  path: string,
  report: string,
  choices: ReadingChoices,
  args: CommandArguments,
  console: Pick<CommandConsole, 'warn'>,
) {
  const memory = memoryOf(args);
  const quiet = { warn: () => {} };
  const { format, model } = await openModel(path, quiet, memory, choices);
  if (format.compare === undefined) {
    const problem = `compares step rules, and ${path} is ${format.name}, which defines its own step rule`;
    throw new SpikewireError('usage', 'spikewire import --report', problem, 'a file of another format, such as .nir');
  }
  const { from } = choices.step ?? {};
  const rules = [{ name: from ?? 'as imported', model }];
  for (const name of Object.keys(format.stepRules ?? {})) {
    if (name === from) continue;
    const under = { ...choices, step: { from: name, dt: model.semantics.dt } };
    try {
      rules.push({ name, model: (await openModel(path, quiet, memory, under)).model });
    } catch (problem) {
      if (!(problem instanceof SpikewireError)) throw problem;
      console.warn(`not compared under ${name}: ${problem.message}`);
    }
  }
  const graph = resolveGraph(model.graph, model.semantics);
  const compared = await format.compare(`Step rules of ${path}`, rules, await given(args, graph, memory, console));
  await writeWhole(report, compared.page);
  return compared;
}

async function given(
  args: CommandArguments,
  graph: ResolvedGraph,
  memory: number,
  console: Pick<CommandConsole, 'warn'>,
) {
  const file = args.text('input');
  if (file === undefined) return undefined;
  const warn = (line: string) => console.warn(`warning: ${line}`);
  const input = inputFor(graph, await readInputFile(args, graph, { memory, warn }));
  return { stimuli: [stimulusOf(input, graph)], what: `Input of ${file}.` };
}

/** The events of an input as rows of each Input. */
function stimulusOf({ steps, events }: SimulationInput, { nodes }: ResolvedGraph) {
  const rows = new Map(
    [...nodes.entries()].flatMap(([index, { kind, name }]) => {
      return kind.role === 'input' ? [[index, { name, row: [] as number[] }] as const] : [];
    }),
  );
  for (let k = 0; k < events.length; k++) {
    rows.get(events.node[k]!)!.row.push(events.step[k]!, events.index[k]!, events.value[k]!);
  }
  const input = new Map(
    [...rows.values()].map(({ name, row }) => [name, tensor(Float64Array.from(row), [row.length / 3, 3])]),
  );
  return { steps, input };
}
