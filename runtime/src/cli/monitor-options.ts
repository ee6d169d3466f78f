import { type Model, monitorNames, SpikewireError, type WatchSettings } from '@spikewire/models';
import { checkSettings } from '../desk/settings.ts';
import type { CommandArguments, OptionDeclaration } from './command.ts';

const settings = { sensitivity: 'sensitivity', 'hold-off': 'holdOff' } as const;

/** Options that set monitors, each as a number for the first, or as `drift=3` for another. */
export const monitorOptions = {
  sensitivity: {
    type: 'string',
    multiple: true,
    value: '<x>|<monitor>=<x>',
    doc:
      'score above which a reading is unusual, such as 6; a smaller x gives more alarms; x is for the first monitor, ' +
      'next-reading, whose score is the prediction error divided by the usual error; <monitor>=<x> sets another ' +
      'monitor, such as drift=8 (names: docs/page.md in the source code; default: the limits in the model); a later ' +
      'setting on the page or by MQTT replaces it',
  },
  'hold-off': {
    type: 'string',
    multiple: true,
    value: '<n>|<monitor>=<n>',
    doc:
      'give a new alarm only after more than n usual readings in a row; ' +
      '<monitor>=<n> sets one monitor (default: the number in the model)',
  },
} as const satisfies Record<string, OptionDeclaration>;

/** What the options set, by the names of the model's monitors. Throws `usage`. */
export function readMonitorSettings(args: CommandArguments, { monitors = [] }: Model): Map<string, WatchSettings> {
  const names = monitorNames(monitors);
  const read = new Map<string, WatchSettings>();
  for (const [option, setting] of Object.entries(settings)) {
    for (const text of args.texts(option)) {
      const where = `spikewire run --${option}`;
      const equals = text.lastIndexOf('=');
      const name = equals < 0 ? names[0] : text.slice(0, equals);
      if (name === undefined || !names.includes(name)) {
        const expected =
          names.length === 0
            ? 'a model with monitors'
            : `a number, or <monitor>=<number> with one of ${names.join(', ')}`;
        throw new SpikewireError('usage', where, `is "${text}"`, expected);
      }
      read.set(name, { ...read.get(name), [setting]: numberOf(where, setting, text.slice(equals + 1)) });
    }
  }
  return read;
}

function numberOf(where: string, setting: keyof WatchSettings, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  try {
    checkSettings({ [setting]: value });
    return value;
  } catch (problem) {
    throw new SpikewireError('usage', where, `is "${text}"`, (problem as SpikewireError).expected);
  }
}
