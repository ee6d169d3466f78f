import type { Parts } from '../samples/featured.ts';
import { loadRecordings } from './load.ts';
import type { RecordingChoice } from './options.ts';
import { divided } from './split.ts';
import { type RecordedWindows, windowsIn } from './windows.ts';

/** Windows of recordings, and which of them are learned, choose and test. */
export interface DividedWindows {
  readonly windows: RecordedWindows;
  readonly parts: Parts;
  readonly choice: RecordingChoice;
}

/** Reads, cuts and divides recordings. Rejects with `file`, `input` or `usage`, naming what does not fit. */
export async function readWindows(choice: RecordingChoice): Promise<DividedWindows> {
  const windows = windowsIn(choice.path, await loadRecordings(choice), choice);
  return { windows, parts: divided(windows, choice), choice };
}
