import { MOVED } from '../scene.ts';

/** How far back the page looks. */
export const SHOWN_READINGS = 1500;

/**
 * The page that the flow serves: what was measured, what was expected and what was flagged, of each mote, from core
 * nodes alone.
 */
export const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>spikewire: eight motes in Node-RED</title>
<style>
  :root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; --line: #8886; --measured: #888; --expected: #1769aa; --flag: #c62828; }
  @media (prefers-color-scheme: dark) { :root { --expected: #64b5f6; --flag: #ff6e6e; } }
  body { margin: 0 auto; max-width: 80rem; padding: 1rem; }
  h1 { font-size: 1.25rem; margin: 0; }
  p { margin: .3rem 0 1rem; max-width: 60rem; }
  main { display: grid; gap: .8rem; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); }
  section { border: 1px solid var(--line); border-radius: .4rem; padding: .6rem .7rem; }
  section.flagged { border-color: var(--flag); }
  h2 { display: flex; font-size: 1rem; justify-content: space-between; margin: 0; }
  h2 span { color: var(--flag); font-weight: normal; }
  canvas { display: block; height: 7rem; width: 100%; }
  small { display: flex; font-size: .75rem; gap: .5rem; justify-content: space-between; white-space: nowrap; }
  b.measured { color: var(--measured); } b.expected { color: var(--expected); } b.flag { color: var(--flag); }
</style>
<h1>Eight motes, a net for each</h1>
<p>Temperature as <b class="measured">measured</b> and as the net had <b class="expected">expected</b> it, the newest ${SHOWN_READINGS} readings;
<b class="flag">flagged</b> where it had not foreseen it. The sensor of single-hop mote 2 is moved by +${MOVED.shift} °C at reading ${MOVED.reading}, for ever.
This page comes from the flow: core nodes, and no library.</p>
<main></main>
<script>
const main = document.querySelector('main');
const cards = new Map();

function cardOf(topic) {
  if (cards.has(topic)) return cards.get(topic);
  const card = document.createElement('section');
  card.innerHTML = '<h2><div></div><span></span></h2><canvas></canvas><small><div></div><div></div></small>';
  card.querySelector('h2 div').textContent = topic.split('/')[1].replace(/-(\\d+)$/, ' mote $1');
  cards.set(topic, card);
  main.append(card);
  return card;
}

function show(topic, { points, flags }) {
  const card = cardOf(topic);
  if (points.length === 0) return;
  const [seq, measured, expected, flagged] = points.at(-1);
  card.classList.toggle('flagged', flagged);
  card.querySelector('h2 span').textContent = flagged ? 'unusual' : '';
  const [left, right] = card.querySelectorAll('small div');
  left.textContent = 'reading ' + seq + ', ' + flags + ' flagged';
  right.textContent = measured.toFixed(2) + ' °C' + (expected === null ? '' : ' (' + expected.toFixed(2) + ')');
  draw(card.querySelector('canvas'), points);
}

function draw(canvas, points) {
  const ratio = devicePixelRatio;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  Object.assign(canvas, { width: width * ratio, height: height * ratio });
  const pen = canvas.getContext('2d');
  pen.scale(ratio, ratio);
  const values = points.flatMap(([, measured, expected]) => (expected === null ? [measured] : [measured, expected]));
  const low = Math.min(...values) - 0.2;
  const high = Math.max(...values) + 0.2;
  const newest = points.at(-1)[0];
  const x = (seq) => width - 4 - ((width - 8) * (newest - seq)) / ${SHOWN_READINGS};
  const y = (value) => height - 6 - ((height - 12) * (value - low)) / (high - low);
  const colour = (name) => getComputedStyle(canvas).getPropertyValue(name);
  const line = (column, name, thickness) => {
    pen.beginPath();
    for (const point of points) if (point[column] !== null) pen.lineTo(x(point[0]), y(point[column]));
    Object.assign(pen, { strokeStyle: colour(name), lineWidth: thickness });
    pen.stroke();
  };
  line(1, '--measured', 3);
  line(2, '--expected', 1.2);
  pen.fillStyle = colour('--flag');
  for (const [seq, measured, , flagged] of points) if (flagged) pen.fillRect(x(seq) - 1.5, y(measured) - 1.5, 3, 3);
}

async function look() {
  try {
    const motes = await (await fetch('motes/newest')).json();
    for (const [topic, mote] of Object.entries(motes)) show(topic, mote);
  } catch {
    // Not started yet, or ended: the next look will tell.
  }
  setTimeout(look, 500);
}
look();
</script>
</html>
`;
