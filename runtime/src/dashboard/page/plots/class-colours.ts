import type { Colour } from '../palette.ts';

/** Colours of style.css for classes; more classes than these share them. */
const COLOURS = 8;

/** Number of the colour of a class, from 1; that of its place among the classes. */
export function classColour(classes: readonly string[], name: string): number {
  return (Math.max(0, classes.indexOf(name)) % COLOURS) + 1;
}

/** The colour of an answer: grey for what is unknown, almost none where there is no answer. */
export function answerColour(classes: readonly string[], answer: string | null): Colour {
  if (answer === null) return 'line';
  return classes.includes(answer) ? `class-${classColour(classes, answer)}` : 'muted';
}
