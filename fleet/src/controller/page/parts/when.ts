import { type Content, make } from '../markup.ts';
import { sinceText, timeText } from '../text/time-text.ts';

/** How long ago something was; the time itself where a pointer rests. */
export function since(time: number | null, now: number): Content {
  const about = time === null ? {} : { datetime: new Date(time).toISOString(), title: timeText(time) };
  return make('time', about, sinceText(time, now));
}
