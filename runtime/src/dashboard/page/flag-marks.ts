import type { History } from './history.ts';
import type { Palette } from './palette.ts';
import type uPlot from './uPlot.esm.js';

/** A bar in place of each flagged reading is at least so wide, in CSS pixels, or a single one could not be seen. */
const MINIMAL_WIDTH = 2;

/** Half the width of a triangle, in CSS pixels. */
const TRIANGLE = 5;

/**
 * Marks of flagged readings in a plot: a soft band behind the lines, and a triangle at the top where each run of
 * flagged readings begins, so that they are also seen without colour.
 */
export function flagMarks(history: History, palette: Palette): uPlot.Plugin {
  return {
    hooks: {
      drawClear: (plot) => {
        plot.ctx.save();
        plot.ctx.fillStyle = palette.colour('flag-soft');
        for (const index of flagged(history)) {
          const [left, width] = place(plot, history, index);
          plot.ctx.fillRect(left, plot.bbox.top, width, plot.bbox.height);
        }
        plot.ctx.restore();
      },
      draw: (plot) => {
        const half = TRIANGLE * devicePixelRatio;
        plot.ctx.save();
        plot.ctx.fillStyle = palette.colour('flag');
        for (const index of flagged(history)) {
          if ((history.flags[index - 1] ?? 0) > 0) {
            continue;
          }
          const [left] = place(plot, history, index);
          plot.ctx.beginPath();
          plot.ctx.moveTo(left - half, plot.bbox.top - 1.6 * half);
          plot.ctx.lineTo(left + half, plot.bbox.top - 1.6 * half);
          plot.ctx.lineTo(left, plot.bbox.top);
          plot.ctx.fill();
        }
        plot.ctx.restore();
      },
    },
  };
}

function* flagged(history: History): Generator<number> {
  for (const [index, flags] of history.flags.entries()) {
    if (flags > 0) {
      yield index;
    }
  }
}

/** Left edge and width of a reading in canvas pixels. */
function place(plot: uPlot, history: History, index: number): [left: number, width: number] {
  const seq = history.seq[index]!;
  const left = plot.valToPos(seq, 'x', true);
  const right = plot.valToPos(Math.min(history.seq[index + 1] ?? seq + 1, seq + 4), 'x', true);
  return [left, Math.max(right - left, MINIMAL_WIDTH * devicePixelRatio)];
}
