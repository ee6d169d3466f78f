export type Colour =
  | 'actual'
  | 'prediction'
  | 'flag'
  | 'flag-soft'
  | 'spike'
  | 'band'
  | 'muted'
  | 'text'
  | 'line'
  | 'card'
  | `class-${number}`;

/** The colours of style.css for what is drawn on a canvas; they follow the light or dark scheme. */
export class Palette {
  readonly #known = new Map<Colour, string>();

  constructor(changed: () => void) {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#known.clear();
      changed();
    });
  }

  colour(name: Colour): string {
    let value = this.#known.get(name);
    if (value === undefined) {
      value = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
      this.#known.set(name, value);
    }
    return value;
  }
}
