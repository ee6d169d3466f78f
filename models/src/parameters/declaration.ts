interface Described {
  readonly doc: string;
  /** May be left out although it has no default: the value is then undefined. */
  readonly optional?: boolean;
}

/** Allowed numbers lie strictly between `above` and `below`, and from `minimum` to `maximum`. */
interface Bounded {
  /** In files and everywhere else: s, Hz, or absent where the quantity has none. */
  readonly unit?: string;
  /** What is taken where the parameter is left out. */
  readonly default?: number;
  readonly above?: number;
  readonly below?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** One number, or one whole number. */
export interface NumberDeclaration extends Described, Bounded {
  readonly form: 'number' | 'integer';
}

/** One of a few words. */
export interface WordDeclaration extends Described {
  readonly form: 'word';
  readonly words: readonly string[];
  readonly default?: string;
}

/** Any text. */
export interface TextDeclaration extends Described {
  readonly form: 'text';
  readonly default?: string;
}

/** One value per neuron or synapse; a scalar stands for all of them. */
export interface ElementsDeclaration extends Described, Bounded {
  readonly form: 'elements';
  /** What a step longer than this time means: something decays with it, or rests for it. */
  readonly time?: 'decay' | 'rest';
}

/** `integers`: a short list. `array`: a tensor with at least `rank` dimensions. */
export interface ArrayDeclaration extends Described, Bounded {
  readonly form: 'integers' | 'array';
  readonly rank?: number;
  /** Words that may stand in its place. */
  readonly words?: readonly string[];
}

/** A JSON value that only the kind itself understands. */
export interface JsonDeclaration extends Described {
  readonly form: 'json';
}

/** A parameter of a kind: its check, its error messages and its documentation come from this alone. */
export type ParameterDeclaration =
  | NumberDeclaration
  | WordDeclaration
  | TextDeclaration
  | ElementsDeclaration
  | ArrayDeclaration
  | JsonDeclaration;

/**
 * The parameters of a kind by name. Written `as const satisfies ParameterTable`, so that what is read from it has
 * types.
 */
export type ParameterTable = Readonly<Record<string, ParameterDeclaration>>;

/** What a parameter that was left out has instead of a value. */
type OrLeftOut<Declaration, Value> = Declaration extends { default: number | string }
  ? Value
  : Declaration extends { optional: true }
    ? Value | undefined
    : Value;

type PlainValue<Declaration> = Declaration extends { form: 'word'; words: readonly (infer Word)[] }
  ? Word
  : Declaration extends { form: 'number' | 'integer' }
    ? number
    : Declaration extends { form: 'text' }
      ? string
      : unknown;

/** The values of a table of numbers and words, checked and with the defaults in place. */
export type PlainParameters<Table extends ParameterTable> = {
  readonly [Key in keyof Table]: OrLeftOut<Table[Key], PlainValue<Table[Key]>>;
};

/** The keys of a table that have a value for each neuron. */
export type ElementKey<Table extends ParameterTable> = {
  [Key in keyof Table]: Table[Key] extends { form: 'elements' } ? Key : never;
}[keyof Table];

/** The same for parameters with one value per neuron. */
export type ElementParameters<Table extends ParameterTable> = {
  readonly [Key in ElementKey<Table>]: OrLeftOut<Table[Key], Float64Array>;
};
