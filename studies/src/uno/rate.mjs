// The highest rate at which the simulated Arduino Uno loses nothing, by line rate and channels.
import { LINE_RATES } from '@spikewire/devices/firmata';
import { table } from '../shared/page.mjs';
import { withUno } from './board.mjs';

export function page({ isQuick }) {
  return withUno(async (withBoard) => {
    const rows = [];
    for (const rate of isQuick ? LINE_RATES.slice(-1) : LINE_RATES) {
      for (const gather of isQuick ? [10] : [0, 10]) {
        const periods = [];
        for (const count of [1, 2, 4, 6]) periods.push(await shortestPeriod(withBoard, rate, count, gather));
        const cells = periods.map((period) =>
          period === undefined ? '-' : Math.floor(1e6 / period).toLocaleString('en'),
        );
        rows.push([rate.toLocaleString('en'), String(gather), ...cells]);
      }
    }
    return table(['baud', 'samples gathered', '1 channel', '2 channels', '4 channels', '6 channels'], rows);
  });
}

/** The shortest period at which a second of samples, an event in each of every channel, loses nothing. */
const PERIODS = [150, 200, 250, 300, 350, 400, 450, 500, 600, 700, 800, 900, 1000, 1100, 1200, 1500, 2000, 2500, 3000];

function shortestPeriod(withBoard, rate, count, gather) {
  return withBoard(async (uno, board) => {
    await uno.during(board.setLineRate(rate));
    const channels = Array.from({ length: count }, (_, k) => k);
    // One spike in each sample of each channel.
    for (const channel of channels) uno.analog(channel, 4);
    for (const period of PERIODS) {
      await uno.during(board.encode({ code: 'rate', channels, period, threshold: 818, gather }));
      for (let k = 0; k < 20; k++) await uno.run(50_000);
      const { missed, dropped } = await uno.during(board.status());
      if (missed === 0 && dropped === 0 && board.counts.lost === 0) return period;
    }
    return undefined;
  });
}
