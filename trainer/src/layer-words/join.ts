import { formatShape, type GraphNode, SpikewireError, sameShape, scalar } from '@spikewire/models';
import type { LayerWord } from './word.ts';

/** The channels of an earlier layer behind those that come before (concatenation); no neurons follow. */
export const join: LayerWord = {
  example: 'J1',
  summary: 'what comes before, and as further channels what leaves the first layer of the line',
  pattern: /^J(\d+)$/,
  slides: true,
  write(site, [word, layer]) {
    const other = site.shapeOf(Number(layer));
    if (other === undefined || other.length < 2 || !sameShape(other.slice(1), site.inputShape.slice(1))) {
      const found = other === undefined ? 'no such layer before it' : formatShape(other);
      const problem = `joins shape ${formatShape(site.inputShape)} to ${found}`;
      throw new SpikewireError('usage', `layer ${word}`, problem, 'an earlier layer of the same height and width');
    }
    const [first, second] = [site.inputShape[0]!, other[0]!];
    site.append('.before', part(first + second, 0));
    site.append('', whole);
    site.tap(Number(layer), '.earlier', part(first + second, first), '');
    return [first + second, ...other.slice(1)];
  },
};

function part(channels: number, start: number): GraphNode {
  return { type: 'Concat', parameters: { channels: scalar(channels), start: scalar(start) } };
}

/** Where the parts meet: as it is. */
const whole: GraphNode = { type: 'Flatten', parameters: { start_dim: scalar(0), end_dim: scalar(0) } };
