import type { DashboardTaught } from '../../source.ts';
import { percentText } from './number-text.ts';

/** How sure an answer is; of what is unknown, which class it is most like, and how much. */
export function surenessText({ confidence, likeliest }: Pick<DashboardTaught, 'confidence' | 'likeliest'>): string {
  if (confidence === null) return 'teach it: press what it is now';
  if (likeliest === undefined) return `${percentText(confidence)} sure`;
  return `unlike everything that it was taught; most similar: “${likeliest}” (${percentText(confidence)})`;
}
