import type { Palette } from '../palette.ts';
import type uPlot from '../uPlot.esm.js';
import type { Marked, Timeline } from './timeline.ts';

/** A bar in place of each flagged reading is at least so wide, in CSS pixels, or a single one could not be seen. */
const MINIMAL_WIDTH = 2;

/** Half the width of a triangle, in CSS pixels. */
const TRIANGLE = 5;

/**
 * Marks of flagged stretches in a plot: a soft band behind the lines, and a triangle at the top where each begins, so
 * that they are also seen without colour.
 */
export function flagMarks(timeline: Timeline, palette: Palette): uPlot.Plugin {
  return {
    hooks: {
      drawClear: (plot) => {
        plot.ctx.save();
        plot.ctx.fillStyle = palette.colour('flag-soft');
        for (const mark of timeline.marks()) {
          const [left, width] = place(plot, mark);
          plot.ctx.fillRect(left, plot.bbox.top, width, plot.bbox.height);
        }
        plot.ctx.restore();
      },
      draw: (plot) => {
        const half = TRIANGLE * devicePixelRatio;
        plot.ctx.save();
        plot.ctx.fillStyle = palette.colour('flag');
        for (const mark of timeline.marks()) {
          const [left] = place(plot, mark);
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

/** Left edge and width of a stretch in canvas pixels. */
function place(plot: uPlot, { from, to }: Marked): [left: number, width: number] {
  const left = plot.valToPos(from, 'x', true);
  return [left, Math.max(plot.valToPos(to, 'x', true) - left, MINIMAL_WIDTH * devicePixelRatio)];
}
