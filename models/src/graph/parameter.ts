import { SpikewireError } from '../error.ts';
import { formatShape, type Tensor } from '../tensor.ts';
import type { GraphNode, ParameterValue } from './graph.ts';

/** What a kind says about one of its parameters; error text and documentation come from it. */
export interface ParameterDeclaration {
  readonly doc: string;
  /** Unit in files: s, Hz, or absent where the quantity has none. */
  readonly unit?: string;
  /** `elements`: one value per neuron, a scalar is repeated. `integers`: a short list. `array`: any tensor. `text`: a word. */
  readonly form: 'elements' | 'integers' | 'array' | 'text';
  /** Number of dimensions of an `array`, at least. */
  readonly rank?: number;
  /** Left out in the file: this value; without it the parameter is required, unless `optional`. */
  readonly default?: number;
  readonly optional?: boolean;
  /** Allowed values lie above this (strictly), or at and above `minimum`. */
  readonly above?: number;
  readonly minimum?: number;
  /** What a step longer than this time means: something decays with it, or rests for it. */
  readonly time?: 'decay' | 'rest';
  /** Allowed words where a word may stand. */
  readonly words?: readonly string[];
}

export type ParameterTable = Readonly<Record<string, ParameterDeclaration>>;

/** Checks a node's parameters against its kind's table: names, presence, form, range, finiteness. */
export function checkParameters(name: string, node: GraphNode, table: ParameterTable): void {
  for (const key of Object.keys(node.parameters)) {
    if (!Object.hasOwn(table, key)) {
      throw new SpikewireError(
        'parameter',
        `node "${name}" (${node.type})`,
        `has no parameter "${key}"`,
        Object.keys(table).join(', ') || 'none',
      );
    }
  }
  for (const [key, declaration] of Object.entries(table)) {
    const value = node.parameters[key];
    const where = `node "${name}" (${node.type}).${key}`;
    if (value === undefined) {
      if (declaration.default === undefined && declaration.optional !== true) {
        throw new SpikewireError('parameter', where, 'is missing', declaration.doc);
      }
      continue;
    }
    checkValue(where, value, declaration);
  }
}

function checkValue(where: string, value: ParameterValue, declaration: ParameterDeclaration): void {
  if (typeof value === 'string') {
    if (declaration.words?.includes(value)) return;
    throw new SpikewireError('parameter', where, `is "${value}"`, declaration.words?.join(' or ') ?? 'numbers');
  }
  if (declaration.form === 'text') {
    throw new SpikewireError('parameter', where, 'is not a word', declaration.words?.join(' or '));
  }
  if (declaration.rank !== undefined && value.shape.length < declaration.rank) {
    throw new SpikewireError(
      'parameter',
      where,
      `has shape ${formatShape(value.shape)}`,
      `at least ${declaration.rank} dimensions`,
    );
  }
  if (value.data.length === 0) throw new SpikewireError('parameter', where, 'has no values', 'at least one number');
  for (let index = 0; index < value.data.length; index++) checkNumber(where, value, index, declaration);
}

function checkNumber(where: string, value: Tensor, index: number, declaration: ParameterDeclaration): void {
  const number = value.data[index]!;
  const expected = expectedNumber(number, declaration);
  if (expected === undefined) return;
  const at = value.data.length > 1 ? `${where}[${index}]` : where;
  throw new SpikewireError('parameter', at, `is ${number}`, expected);
}

/** What a number that is not allowed should have been. */
function expectedNumber(number: number, { form, above, minimum }: ParameterDeclaration): string | undefined {
  if (!Number.isFinite(number)) return 'a finite number';
  if (form === 'integers' && !Number.isSafeInteger(number)) return 'a whole number';
  if (above !== undefined && number <= above) return `a number above ${above}`;
  if (minimum !== undefined && number < minimum) return `at least ${minimum}`;
  return undefined;
}

/** The numbers of a parameter, or undefined where it is absent or a word. */
export function numbersOf(node: GraphNode, key: string): Tensor | undefined {
  const value = node.parameters[key];
  return typeof value === 'string' ? undefined : value;
}
