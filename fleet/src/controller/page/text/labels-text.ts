import type { Labels } from '../../wire/wire.ts';

/** `room=hall, floor=2` */
export function labelsText(labels: Labels, none = 'no labels'): string {
  const words = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return words.length === 0 ? none : words.join(', ');
}

/** Devices that a rollout is for. */
export function cohortText(labels: Labels): string {
  return Object.keys(labels).length === 0 ? 'all devices' : `devices with ${labelsText(labels)}`;
}

/** Reads labels that a person has written, separated by commas or lines; throws for a word without a key or a value. */
export function readLabels(text: string): Labels {
  const words = text
    .split(/[,\n]/)
    .map((word) => word.trim())
    .filter((word) => word !== '');
  return Object.fromEntries(words.map(readLabel));
}

function readLabel(word: string): [string, string] {
  const at = word.indexOf('=');
  const [key, value] = [word.slice(0, Math.max(0, at)).trim(), word.slice(at + 1).trim()];
  if (at < 0 || key === '' || value === '') throw new RangeError(`“${word}” is not a label; expected key=value`);
  return [key, value];
}
