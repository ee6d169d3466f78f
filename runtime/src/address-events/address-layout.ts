import type { SensorSize } from './address-events.ts';

/** How the 32 bits of an address hold a place. */
export interface AddressLayout {
  readonly name: string;
  /** The largest sensor whose places it can hold. */
  readonly most: SensorSize;
  /** Whether it is the address of a spike, and not of a sample, a trigger or an acceleration. */
  isSpike(address: number): boolean;
  x(address: number): number;
  y(address: number): number;
  /** 1 for brighter. */
  polarity(address: number): number;
  /** The address of a place, from 0 to 2³² − 1. */
  at(x: number, y: number, polarity: number): number;
}

/** The DVS128: bits 1 to 7 are x, 8 to 14 y; bit 0 is 0 for brighter (SensorsINI/jaer, chip/retina/DVS128.java). */
const dvs128: AddressLayout = {
  name: 'dvs128',
  most: { width: 128, height: 128 },
  isSpike: (address) => address >>> 15 === 0,
  x: (address) => (address >>> 1) & 0x7f,
  y: (address) => (address >>> 8) & 0x7f,
  polarity: (address) => 1 - (address & 1),
  at: (x, y, polarity) => (y << 8) | (x << 1) | (1 - polarity),
};

/**
 * Sensors of the DAVIS family: bits 12 to 21 are x, 22 to 30 y, bit 11 is 1 for brighter; bit 31 marks samples, bit 10
 * triggers (SensorsINI/jaer, eu/seebetter/ini/chips/DavisChip.java).
 */
const davis: AddressLayout = {
  name: 'davis',
  most: { width: 1024, height: 512 },
  isSpike: (address) => (address & 0x8000_0400) === 0,
  x: (address) => (address >>> 12) & 0x3ff,
  y: (address) => (address >>> 22) & 0x1ff,
  polarity: (address) => (address >>> 11) & 1,
  at: (x, y, polarity) => (y << 22) | (x << 12) | (polarity << 11),
};

/** Names of layouts; the first is the one where nothing is said. */
export const LAYOUTS = ['index', 'dvs128', 'davis'] as const;

export type LayoutName = (typeof LAYOUTS)[number];

/**
 * The layout of a name; `index` counts the places row by row, as an Input does, with those that become darker before
 * those that become brighter where there are two polarities.
 */
export function layoutNamed(name: LayoutName, { width, height }: SensorSize, polarities: 1 | 2 = 2): AddressLayout {
  if (name !== 'index') return name === 'davis' ? davis : dvs128;
  const places = width * height;
  return {
    name: 'index',
    most: { width, height },
    isSpike: () => true,
    x: (address) => (address < polarities * places ? address % width : width),
    y: (address) => Math.floor(address / width) % height,
    polarity: (address) => (address < places ? 0 : 1),
    at: (x, y, polarity) => (polarity * height + y) * width + x,
  };
}
