import { type ParameterDeclaration, type ParameterTable, SpikewireError } from '@spikewire/models';
import type { CommandArguments, OptionDeclaration } from 'spikewire/cli';

/** Something whose parameters are options of a command that lets people choose it by name. */
interface Optioned {
  readonly name: string;
  readonly parameters: ParameterTable;
}

/** The options of all methods, each below a heading with the methods that have it. */
export function methodOptions(methods: readonly Optioned[]): Record<string, OptionDeclaration> {
  const options: Record<string, OptionDeclaration> = {};
  for (const { parameters } of methods) {
    for (const [key, declaration] of Object.entries(parameters)) {
      const { form } = declaration;
      const doc = form === 'word' ? `${declaration.doc}: ${declaration.words.join(', ')}` : declaration.doc;
      const value = form === 'integer' ? '<n>' : form === 'number' ? '<x>' : form === 'word' ? '<word>' : '<text>';
      options[optionOf(key)] ??= {
        type: 'string',
        value,
        doc: `${doc}${defaultsOf(key, methods)}`,
        group: groupOf(key, methods),
      };
    }
  }
  return options;
}

/** More methods than a heading names. */
const MANY = 4;

function groupOf(key: string, methods: readonly Optioned[]): string {
  const having = methods.filter(({ parameters }) => Object.hasOwn(parameters, key)).map(({ name }) => name);
  return having.length > MANY ? 'Options of most methods (the others refuse them)' : `Options of ${having.join(', ')}`;
}

/** The default that most methods have, and behind it that of each other method. */
function defaultsOf(key: string, methods: readonly Optioned[]): string {
  const names = new Map<number | string, string[]>();
  for (const { name, parameters } of methods) {
    const value = defaultOf(parameters[key]);
    if (value !== undefined) names.set(value, [...(names.get(value) ?? []), name]);
  }
  const [first, ...others] = [...names].sort((a, b) => b[1].length - a[1].length);
  if (first === undefined) return '';
  const rest = others.map(([value, having]) => `${having.join(', ')}: ${value}`);
  return ` (default ${first[0]}${rest.length === 0 ? '' : `; method ${rest.join('; ')}`})`;
}

function defaultOf(declaration: ParameterDeclaration | undefined): number | string | undefined {
  return declaration !== undefined && 'default' in declaration ? declaration.default : undefined;
}

/** `learningRate` as people write it: `learning-rate`. */
export function optionOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** What was chosen of a method's parameters. Throws `usage` for an option that is another method's. */
export function chosenParameters(
  where: string,
  args: CommandArguments,
  { name, parameters: table }: Optioned,
  methods: readonly Optioned[],
): Record<string, unknown> {
  const chosen = [...new Set(methods.flatMap(({ parameters }) => Object.keys(parameters)))].filter(
    (key) => args.text(optionOf(key)) !== undefined,
  );
  const foreign = chosen.find((key) => !Object.hasOwn(table, key));
  if (foreign !== undefined) {
    const owners = methods.filter(({ parameters }) => Object.hasOwn(parameters, foreign)).map((each) => each.name);
    const problem = `belongs to ${owners.length === 1 ? 'method' : 'methods'} ${owners.join(', ')}, not to ${name}`;
    throw new SpikewireError('usage', `${where} --${optionOf(foreign)}`, problem, `--method ${owners[0]}`);
  }
  return Object.fromEntries(chosen.map((key) => [key, chosenValue(args, key, table[key]!)]));
}

function chosenValue(args: CommandArguments, key: string, declaration: ParameterDeclaration): unknown {
  const option = optionOf(key);
  if (declaration.form !== 'number' && declaration.form !== 'integer') return args.text(option);
  const { minimum, maximum } = declaration;
  return args.number(option, {
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
    whole: declaration.form === 'integer',
  });
}
