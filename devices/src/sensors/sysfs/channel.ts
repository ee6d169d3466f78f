import type { ChannelDeclaration } from '@spikewire/models';

/** One number of a sensor and where it comes from. */
export interface SysfsChannel extends ChannelDeclaration {
  /** Name of its attributes (`temp1`), which also names the channel in an address. */
  readonly attribute: string;
  /** Holds the value as a whole number. */
  readonly file: string;
  /** The file's unit is this many times smaller than the channel's. */
  readonly divisor: number;
  /**
   * Holds 1 while the value is not to be trusted (open diode, fan not connected); absent where the chip cannot tell.
   */
  readonly fault?: string;
}

/** What a class measures, by the words that its attributes begin with. */
export type Quantities = Readonly<Record<string, Pick<SysfsChannel, 'unit' | 'divisor'>>>;

/** A chip or zone: a name that says what it is, where it sits, and its channels. */
export interface SysfsDevice {
  readonly name: string;
  /** Bus address, or the kernel's number where it is on no bus. */
  readonly place: string;
  /** Name of its folder in the class, unique at any one time. */
  readonly entry: string;
  readonly channels: readonly SysfsChannel[];
}
