import type { DashboardTaught } from '../../source.ts';

/** Classes that fit beside each other on a page. */
const SHOWN = 8;

/** The rows of a table of what was answered (columns) to what it was (rows), of the first classes. */
export function confusionRows({ classes, confusion }: DashboardTaught): HTMLElement[] {
  const shown = classes.slice(0, SHOWN);
  const hasNone = confusion.some((row) => row[0]! > 0);
  const heads = [...(hasNone ? ['none'] : []), ...shown];
  const head = rowOf(headOf('it was ↓ answered →', 'col'), ...heads.map((name) => headOf(name, 'col')));
  const rows = shown.map((name, label) => {
    const counts = (confusion[label] ?? []).slice(hasNone ? 0 : 1, 1 + shown.length);
    const cells = counts.map((count, column) => {
      const made = document.createElement('td');
      made.textContent = count === 0 ? '' : String(count);
      const isRight = column - (hasNone ? 1 : 0) === label;
      if (count > 0) made.className = isRight ? 'right' : 'wrong';
      return made;
    });
    return rowOf(headOf(name, 'row'), ...cells);
  });
  return [head, ...rows];
}

function headOf(text: string, scope: string): HTMLElement {
  const made = document.createElement('th');
  made.scope = scope;
  made.textContent = text;
  return made;
}

function rowOf(...cells: HTMLElement[]): HTMLElement {
  const made = document.createElement('tr');
  made.append(...cells);
  return made;
}
