import type { Kind } from '../kinds/kind.ts';
import { accumulated } from './accumulated.ts';
import { count } from './count.ts';
import type { Loss } from './loss.ts';
import { membrane } from './membrane.ts';
import { pixels } from './pixels.ts';
import { rate } from './rate.ts';
import { spikeTime } from './spike-time.ts';
import { vanRossum } from './van-rossum.ts';

/** Every loss. A new one is a file of its own and a line here. */
export const losses: readonly Kind<Loss>[] = [rate, membrane, count, spikeTime, vanRossum, accumulated, pixels];
