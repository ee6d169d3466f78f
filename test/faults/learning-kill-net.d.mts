import type { KeptSession } from 'spikewire/session';

export function openNet(directory: string | undefined, warnings?: string[]): Promise<KeptSession>;
export function weightsDigest(kept: KeptSession): string;
export function reading(k: number): { time: number; values: Float64Array };
