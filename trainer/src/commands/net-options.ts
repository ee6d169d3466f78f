import { SpikewireError } from '@spikewire/models';
import type { CommandArguments, OptionDeclaration } from 'spikewire/cli';
import type { InputUnits } from '../conversion/net-for-samples.ts';

/** What a file of others does not say of a net. */
export const netOptions: Readonly<Record<string, OptionDeclaration>> = {
  'input-scale': {
    type: 'string',
    value: '<number>',
    doc: 'scale the samples: the net gets (scale·x − mean)/std, such as 1/255 for pixels',
  },
  'input-mean': { type: 'string', value: '<number,…>', doc: 'mean: one for all channels, or one for each' },
  'input-std': {
    type: 'string',
    value: '<number,…>',
    doc: 'standard deviation: one for all channels, or one for each',
  },
  from: { type: 'string', value: '<name>', doc: 'input to use, if an ONNX file has several; the others are 0' },
  to: {
    type: 'string',
    value: '<name>',
    doc: 'output to use, if an ONNX file has several; also any tensor inside the graph, by its name',
  },
};

/** The units of the input that a person gave to a command. */
export function unitsOf(command: string, args: CommandArguments): InputUnits {
  const numbersOf = (...of: ListOption) => numbersOfOption(command, args, ...of);
  const [scale] = numbersOf('input-scale', (list) => list.length === 1 && list[0]! > 0, '1/255') ?? [];
  const mean = numbersOf('input-mean', () => true, '0.485,0.456,0.406');
  const std = numbersOf('input-std', (list) => list.every((value) => value > 0), '0.229,0.224,0.225');
  return { scale, mean, std };
}

type ListOption = [option: string, isRight: (list: readonly number[]) => boolean, example: string];

function numbersOfOption(
  command: string,
  args: CommandArguments,
  ...[option, isRight, example]: ListOption
): readonly number[] | undefined {
  const text = args.text(option);
  if (text === undefined) return undefined;
  const list = text.split(',').map(numberOf);
  if (list.every(Number.isFinite) && isRight(list)) return list;
  throw new SpikewireError('usage', `${command} --${option}`, `is "${text}"`, `such as ${example}`);
}

/** A number, or one over another. */
function numberOf(text: string): number {
  const [above, below = '1', ...more] = text.split('/');
  if (more.length > 0 || above!.trim() === '' || below.trim() === '') return Number.NaN;
  return Number(above) / Number(below);
}
