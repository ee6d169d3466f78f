import { sharedOptions } from './arguments.ts';
import type { Command } from './command.ts';

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}

/** The page of `spikewire --help`. */
export function overview(commands: readonly Command[]): string {
  return [
    'spikewire: spiking neural networks that keep learning where they run',
    '',
    'Usage: spikewire <command> [options]',
    '',
    columns(commands.map(({ name, summary }) => [name, summary] as const)),
    '',
    '"spikewire <command> --help" explains a command. Exit codes: 0 done, 1 failed, 2 wrong usage.',
  ].join('\n');
}

/** The page of `spikewire <command> --help`. */
export function explain(command: Command): string {
  const positionals = command.positionals ?? [];
  const words = positionals.map(({ name, optional }) => (optional === true ? ` [${name}]` : ` <${name}>`)).join('');
  const options = Object.entries({ ...command.options, ...sharedOptions }).map(([name, { doc, value, default: preset }]) => {
    const shown = preset === undefined || preset === false ? doc : `${doc} (default ${preset})`;
    return [`--${name}${value === undefined ? '' : ` ${value}`}`, shown] as const;
  });
  return [
    `spikewire ${command.name}: ${command.summary}`,
    '',
    `Usage: spikewire ${command.name}${words} [options]`,
    '',
    ...(positionals.length === 0 ? [] : [columns(positionals.map(({ name, doc }) => [name, doc] as const)), '']),
    columns(options),
  ].join('\n');
}
