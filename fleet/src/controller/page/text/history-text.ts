import { numberText } from 'spikewire/page';

/** What an entry of the history says beside who did what to what: `phase: waves; waves: 2`. */
export function detailsText(details: unknown): string {
  if (!isRecord(details)) return details === null || details === undefined ? '' : wordOf(details);
  return Object.entries(details)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${wordOf(value)}`)
    .join('; ');
}

function wordOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : numberText(value);
  if (Array.isArray(value)) return value.map(wordOf).join(', ');
  if (isRecord(value)) return Object.keys(value).length === 0 ? 'nothing' : `(${detailsText(value)})`;
  return String(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
