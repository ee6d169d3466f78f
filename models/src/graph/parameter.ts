import { SpikewireError } from '../error.ts';
import type {
  ElementParameters,
  ParameterDeclaration,
  ParameterTable,
  WordDeclaration,
} from '../parameters/declaration.ts';
import { checkNames, expectedNumber, presetOf } from '../parameters/read.ts';
import { broadcast, formatShape, type Tensor } from '../tensor.ts';
import type { GraphNode, ParameterValue } from './graph.ts';

/** Checks a node's parameters against its kind's table: names, presence, form, range, finiteness. */
export function checkParameters(name: string, node: GraphNode, table: ParameterTable): void {
  const where = `node "${name}" (${node.type})`;
  checkNames(where, node.parameters, table);
  for (const [key, declaration] of Object.entries(table)) {
    const value = node.parameters[key];
    if (value !== undefined) checkValue(`${where}.${key}`, value, declaration);
    else if (presetOf(declaration) === undefined && declaration.optional !== true) {
      throw new SpikewireError('parameter', `${where}.${key}`, 'is missing', declaration.doc);
    }
  }
}

function checkValue(where: string, value: ParameterValue, declaration: ParameterDeclaration): void {
  const words = 'words' in declaration ? declaration.words : undefined;
  if (typeof value === 'string') {
    if (words?.includes(value)) return;
    throw new SpikewireError('parameter', where, `is "${value}"`, words?.join(' or ') ?? 'numbers');
  }
  if (declaration.form === 'word') {
    throw new SpikewireError('parameter', where, 'is not a word', words!.join(' or '));
  }
  if ('rank' in declaration && value.shape.length < declaration.rank!) {
    const expected = `at least ${declaration.rank} dimensions`;
    throw new SpikewireError('parameter', where, `has shape ${formatShape(value.shape)}`, expected);
  }
  if (value.data.length === 0) throw new SpikewireError('parameter', where, 'has no values', 'at least one number');
  if (declaration.form === 'integer' && value.data.length > 1) {
    throw new SpikewireError('parameter', where, `has ${value.data.length} numbers`, 'one');
  }
  for (let index = 0; index < value.data.length; index++) checkNumber(where, value, index, declaration);
}

function checkNumber(where: string, value: Tensor, index: number, declaration: ParameterDeclaration): void {
  const number = value.data[index]!;
  const expected = expectedNumber(number, declaration);
  if (expected === undefined) return;
  const at = value.data.length > 1 ? `${where}[${index}]` : where;
  throw new SpikewireError('parameter', at, `is ${number}`, expected);
}

/** The numbers of a parameter, or undefined where it is absent or a word. */
export function numbersOf(node: GraphNode, key: string): Tensor | undefined {
  const value = node.parameters[key];
  return typeof value === 'string' ? undefined : value;
}

/** The word of a parameter, or its default. */
export function wordOf<const Declaration extends WordDeclaration & { readonly default: string }>(
  node: GraphNode,
  key: string,
  { default: preset }: Declaration,
): Declaration['words'][number] {
  const value = node.parameters[key];
  return typeof value === 'string' ? value : preset;
}

/**
 * The parameters of a checked node that have one value per neuron, as arrays of their own: scalars repeated, defaults
 * in place, undefined for an optional one that was left out.
 */
export function elementsOf<Table extends ParameterTable>(
  node: GraphNode,
  size: number,
  table: Table,
): ElementParameters<Table> {
  const entries = Object.entries(table).flatMap(([key, declaration]): [string, Float64Array | undefined][] => {
    if (declaration.form !== 'elements') return [];
    const value = numbersOf(node, key);
    const preset = declaration.default;
    const elements = preset === undefined ? undefined : new Float64Array(size).fill(preset);
    return [[key, value === undefined ? elements : broadcast(value, size)]];
  });
  return Object.fromEntries(entries) as ElementParameters<Table>;
}
