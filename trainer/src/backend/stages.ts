import type { SparseProduct } from '../graph/operations/operation.ts';
import type { Application, Value } from '../graph/operations/value.ts';
import type { Program } from '../graph/program.ts';

/** A program in parts: what a library computes in one call each, and products apart from it. */
export interface StagedProgram {
  readonly stages: readonly Stage[];
  /** The name by which the parts know a value: that of the program where it has one. */
  nameOf(value: Value): string;
  /** Outputs of the program that no part gives under their name, and the name by which the parts know them. */
  readonly copies: readonly (readonly [output: string, from: string])[];
}

export interface Stage {
  /** Without outputs there is nothing to compute. */
  readonly program: Program;
  /** What can be done after it, and must be before the next stage. */
  readonly products: readonly ApartProduct[];
}

/** A product with a sparse matrix that is done apart. */
export interface ApartProduct {
  readonly operands: SparseProduct;
  readonly result: Value;
  /** The product alone. */
  readonly program: Program;
}

/** A program and where it is cut. */
interface Cut {
  readonly applications: readonly Application[];
  /** What is done apart. */
  readonly products: ReadonlyMap<Application, SparseProduct>;
  readonly constants: ReadonlySet<unknown>;
  readonly stageOf: (made: Value | Application) => number;
  readonly nameOf: (value: Value) => string;
}

/** Cuts a program at the products with sparse matrices that are `chosen`. */
export function stagesOf(program: Program, chosen: (product: Application) => boolean): StagedProgram {
  const { applications, outputs } = program;
  const products = new Map(
    applications.filter(chosen).map((each) => [each, withoutReshapes(each.operation.sparseProduct!(each)!)] as const),
  );
  const constants = constantsAmong(applications);
  const stageOf = numberOfStages(applications, products);
  const nameOf = namesOf(program);
  const cut: Cut = { applications, products, constants, stageOf, nameOf };
  const handedOut = new Set([...outputs.values(), ...handedOn(cut)]);
  const count = 1 + Math.max(0, ...applications.map(stageOf));
  return {
    stages: Array.from({ length: count }, (_, stage) => ({
      program: partOf(cut, stage, handedOut),
      products: apartAfter(cut, stage),
    })),
    nameOf,
    copies: [...outputs].flatMap(([name, value]) => (nameOf(value) === name ? [] : [[name, nameOf(value)] as const])),
  };
}

/** What products take, and what stages take of earlier ones. */
function handedOn({ applications, products, constants, stageOf }: Cut): Value[] {
  const computed = applications.filter((each) => !products.has(each));
  const taken = computed.flatMap((application) =>
    application.inputs.filter((input) => stageOf(input) < stageOf(application) && !constants.has(input.origin)),
  );
  return [...[...products.values()].flatMap(valuesOf), ...taken];
}

/** What the library computes in a stage; the first one hands out constants. */
function partOf(cut: Cut, stage: number, handedOut: ReadonlySet<Value>): Program {
  const { applications, products, constants, stageOf, nameOf } = cut;
  const own = new Set<Application>();
  const needed = new Set<Value>(stage === 0 ? handedOut : []);
  for (const application of applications.toReversed()) {
    const belongs = constants.has(application)
      ? application.results.some((value) => needed.has(value))
      : stageOf(application) === stage && !products.has(application);
    if (!belongs) continue;
    own.add(application);
    for (const input of application.inputs) needed.add(input);
  }
  const isGiven = ({ origin }: Value) =>
    typeof origin !== 'string' && own.has(origin) && (stage === 0 || !constants.has(origin));
  return partial(
    applications.filter((each) => own.has(each)),
    [...handedOut].filter(isGiven),
    nameOf,
  );
}

/** The products that stand between a stage and the next. */
function apartAfter({ products, stageOf, nameOf }: Cut, stage: number): ApartProduct[] {
  return [...products].flatMap(([application, operands]) => {
    if (stageOf(application) !== stage + 1) return [];
    const [result] = application.results as [Value];
    return [{ operands, result, program: alone(result, operands, nameOf) }];
  });
}

/** What is computed of nothing that is given: every stage makes it for itself. */
function constantsAmong(applications: readonly Application[]): ReadonlySet<unknown> {
  const constants = new Set<unknown>();
  for (const each of applications) if (each.inputs.every(({ origin }) => constants.has(origin))) constants.add(each);
  return constants;
}

/**
 * The stage in which a value, or the results of an application, are computed, or in front of which a product is: as
 * late as others allow, so that little is handed on.
 */
function numberOfStages(
  applications: readonly Application[],
  products: ReadonlyMap<Application, SparseProduct>,
): (made: Value | Application) => number {
  const stages = new Map<unknown, number>();
  const stageOf = (made: Value | Application) => stages.get('origin' in made ? made.origin : made) ?? 0;
  const operandsOf = (application: Application) => {
    const operands = products.get(application);
    return operands === undefined ? application.inputs : valuesOf(operands);
  };
  for (const application of applications) {
    const after = Math.max(0, ...operandsOf(application).map(stageOf));
    stages.set(application, products.has(application) ? after + 1 : after);
  }
  const latest = new Map<unknown, number>();
  for (const application of applications.toReversed()) {
    if (!products.has(application)) stages.set(application, latest.get(application) ?? stageOf(application));
    const needed = stageOf(application) - (products.has(application) ? 1 : 0);
    for (const { origin } of operandsOf(application))
      latest.set(origin, Math.min(needed, latest.get(origin) ?? needed));
  }
  return stageOf;
}

function namesOf({ inputs, outputs }: Program): (value: Value) => string {
  const names = new Map<Value, string>();
  for (const [name, value] of [...inputs, ...outputs]) if (!names.has(value)) names.set(value, name);
  return (value) => {
    const name = names.get(value) ?? `between/${names.size}`;
    names.set(value, name);
    return name;
  };
}

/** How many outputs a product has. */
export function outputsOf({ kind }: SparseProduct, { shape }: Value): number {
  return kind === 'multiply' ? shape[1]! : shape[0]!;
}

function valuesOf(operands: SparseProduct): Value[] {
  const { matrix } = operands;
  if (operands.kind === 'gather') return [matrix, operands.sums];
  return [matrix, operands.weights, ...(operands.bias === undefined ? [] : [operands.bias])];
}

/** The operands as they lie in memory, whatever their shapes. */
function withoutReshapes(operands: SparseProduct): SparseProduct {
  const matrix = underReshapes(operands.matrix);
  if (operands.kind === 'gather') return { ...operands, matrix, sums: underReshapes(operands.sums) };
  return {
    ...operands,
    matrix,
    weights: underReshapes(operands.weights),
    bias: operands.bias && underReshapes(operands.bias),
  };
}

function underReshapes(value: Value): Value {
  const { origin } = value;
  return typeof origin !== 'string' && origin.operation.name === 'reshape' ? underReshapes(origin.inputs[0]!) : value;
}

/** A product and the reshapes of its operands. */
function alone(result: Value, operands: SparseProduct, nameOf: (value: Value) => string): Program {
  const given = new Set(valuesOf(operands));
  const own: Application[] = [];
  const visit = ({ origin }: Value): void => {
    if (typeof origin === 'string' || own.includes(origin)) return;
    for (const input of origin.inputs) if (!given.has(input)) visit(input);
    own.push(origin);
  };
  visit(result);
  return partial(own, [result], nameOf);
}

function partial(
  applications: readonly Application[],
  outputs: readonly Value[],
  nameOf: (value: Value) => string,
): Program {
  const made = new Set(applications.flatMap(({ results }) => results));
  const named = (values: readonly Value[]) => new Map(values.map((value) => [nameOf(value), value] as const));
  const taken = applications.flatMap(({ inputs }) => inputs.filter((input) => !made.has(input)));
  return { inputs: named(taken), outputs: named(outputs), applications };
}
