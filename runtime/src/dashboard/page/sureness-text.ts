import type { DashboardTaught } from '../source.ts';
import { percentText } from './number-text.ts';

/** How sure an answer is; of what is unknown, which class it is most like, and how much. */
export function surenessText({ confidence, likeliest }: Pick<DashboardTaught, 'confidence' | 'likeliest'>): string {
  if (confidence === null) return 'tell it what it sees';
  if (likeliest === undefined) return `sure by ${percentText(confidence)}`;
  return `unlike all that it was taught; most like “${likeliest}”, by ${percentText(confidence)}`;
}
