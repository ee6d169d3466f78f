// Accuracy along a stream as an SVG picture: a panel for each quality of the base that comes.
const COLOURS = { carry: '#0a7d4f', rebase: '#1f6fb4', reset: '#b9770e', replaced: '#b03a2e', never: '#555555' };
const TITLES = {
  better: 'v2 is 5 points better',
  equal: 'v2 is as good as v1',
  worse: 'v2 is 5 points worse',
  broken: 'v2 is broken',
};
const NAMES = { carry: 'carry', rebase: 'rebase', reset: 'reset', replaced: 'v2, frozen', never: 'never updated' };
const [WIDTH, HEIGHT, LEFT, TOP] = [400, 200, 44, 30];
/** Points of each half. */
const POINTS = 12;

/** Accuracy in equal parts of the answers, mean over runs. */
function parts(runs, answersOf, truthOf) {
  return Array.from({ length: POINTS }, (_, p) => {
    const shares = runs.flatMap((run) => {
      const [answers, truth] = [answersOf(run), truthOf(run)];
      if (!answers) return [];
      const [from, to] = [p, p + 1].map((k) => Math.floor((k * answers.length) / POINTS));
      const own = answers.slice(from, to);
      return own.length === 0 ? [] : [own.filter((answer, k) => answer === truth[from + k]).length / own.length];
    });
    return shares.reduce((a, b) => a + b, 0) / shares.length;
  });
}

export function curves(name, runs) {
  const panels = Object.keys(TITLES).map((quality, k) =>
    panel(runs, quality, (k % 2) * WIDTH, Math.floor(k / 2) * HEIGHT),
  );
  const legend = Object.entries(NAMES).map(
    ([way, title], k) =>
      `<line x1="${LEFT + 140 * k}" y1="${2 * HEIGHT + 14}" x2="${LEFT + 24 + 140 * k}" y2="${2 * HEIGHT + 14}" ` +
      `stroke="${COLOURS[way]}" stroke-width="2"/><text x="${LEFT + 30 + 140 * k}" y="${2 * HEIGHT + 18}">${title}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * WIDTH} ${2 * HEIGHT + 30}" font-family="sans-serif"`,
    ' font-size="11">',
    `<title>Right answers along the stream ${name}, before and after another base comes</title>`,
    `<rect width="${2 * WIDTH}" height="${2 * HEIGHT + 30}" fill="#ffffff"/>`,
    ...panels,
    ...legend,
    '</svg>\n',
  ].join('\n');
}

function panel(runs, quality, x, y) {
  const second = ({ truth, first }) => truth.slice(first.length);
  const before = parts(
    runs,
    ({ first }) => first,
    ({ truth }) => truth,
  );
  const lines = Object.keys(NAMES).map((way) => {
    const answersOf = (run) => (way === 'never' ? run.never : run.next[quality][way]);
    return [way, parts(runs, answersOf, second)];
  });
  const inner = { width: WIDTH - LEFT - 12, height: HEIGHT - TOP - 22 };
  const at = (k) => x + LEFT + ((k + 0.5) / (2 * POINTS)) * inner.width;
  const up = (share) => y + TOP + (1 - share) * inner.height;
  const line = (numbers, from, colour) => {
    const points = numbers.flatMap((share, k) =>
      Number.isNaN(share) ? [] : `${at(from + k).toFixed(1)},${up(share).toFixed(1)}`,
    );
    return `<polyline fill="none" stroke="${colour}" stroke-width="1.8" points="${points.join(' ')}"/>`;
  };
  const middle = x + LEFT + inner.width / 2;
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line x1="${x + LEFT}" x2="${x + WIDTH - 12}" y1="${up(share)}" y2="${up(share)}" stroke="#dddddd"/>` +
      `<text x="${x + LEFT - 6}" y="${up(share) + 4}" text-anchor="end">${100 * share}</text>`,
  );
  return [
    `<text x="${x + LEFT}" y="${y + 18}" font-weight="bold">${TITLES[quality]}</text>`,
    ...grid,
    `<line x1="${middle}" x2="${middle}" y1="${up(1)}" y2="${up(0)}" stroke="#999999" stroke-dasharray="3 3"/>`,
    `<text x="${middle}" y="${up(0) + 16}" text-anchor="middle">v2 comes</text>`,
    line(before, 0, COLOURS.never),
    ...lines.map(([way, numbers]) => line(numbers, POINTS, COLOURS[way])),
  ].join('\n');
}
