import type { JsonObject, JsonValue } from '@spikewire/models';

/** A model's provenance as a page for people, in Markdown. */
export function cardMarkdown(title: string, provenance: JsonObject): string {
  const rows = Object.entries(provenance).map(([key, value]) => `| ${key} | ${cell(value)} |`);
  return [`# ${title}`, '', '| | |', '|---|---|', ...rows, ''].join('\n');
}

function cell(value: JsonValue): string {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.replaceAll('|', '\\|');
}
