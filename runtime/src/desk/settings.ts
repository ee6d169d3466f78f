import { SpikewireError, type WatchSettings } from '@spikewire/models';

/** What a person may set on a net that runs: `sensitivity` > 0, `holdOff` whole and ≥ 0, `inRow` and ≥ 1. */
export interface MonitorSettings extends WatchSettings {
  /** The name of the monitor that is meant; the first where absent. */
  readonly monitor?: string;
  /** Whether it first goes back to its own settings, and "that was normal" is taken back. Default false. */
  readonly learned?: boolean;
}

const LARGEST = 1e9;

/** @throws SpikewireError `input` for a value out of its range */
export function checkSettings({ sensitivity, holdOff, inRow }: MonitorSettings): void {
  const isWithin = (value: number) => value <= LARGEST;
  if (sensitivity !== undefined && !(sensitivity > 0 && isWithin(sensitivity)))
    throw new SpikewireError('input', 'sensitivity', `is ${sensitivity}`, 'a number above 0');
  const isWhole = (value: number, from: number) => Number.isInteger(value) && value >= from && isWithin(value);
  if (holdOff !== undefined && !isWhole(holdOff, 0))
    throw new SpikewireError('input', 'hold-off', `is ${holdOff}`, 'a whole number from 0');
  if (inRow !== undefined && !isWhole(inRow, 1))
    throw new SpikewireError('input', 'in a row', `is ${inRow}`, 'a whole number from 1');
}
