/** Milliseconds between two questions, while the tab is to be seen; readings that are drawn. */
const EVERY = 500;
const SHOWN = 120;
const HEIGHT = 90;

/** A tab that asks for what nets do as long as it is to be seen. */
export function add(text) {
  const content = $('<div style="padding: 10px; height: 100%; overflow-y: auto; box-sizing: border-box">');
  const choose = (label) =>
    $(`<select style="width: 100%; margin-bottom: 6px" aria-label="${text(label)}">`).appendTo(content);
  const [nodes, nets] = [choose('node'), choose('net').hide()];
  const said = $('<div aria-live="polite" style="min-height: 2.5em">').appendTo(content);
  const drawing = (label) => {
    $('<div style="margin-top: 8px">').text(text(label)).appendTo(content);
    return $(`<canvas role="img" style="width: 100%; height: ${HEIGHT}px" aria-label="${text(label)}">`).appendTo(
      content,
    )[0];
  };
  const canvases = { values: drawing('readings'), score: drawing('score'), raster: drawing('spikes') };
  let frames = [];
  let asking = false;

  RED.sidebar.addTab({
    id: 'spikewire-monitor',
    label: text('label'),
    name: text('name'),
    iconClass: 'fa fa-heartbeat',
    content,
    enableOnEdit: true,
    action: 'spikewire:show-monitor',
    onchange: list,
  });
  RED.actions.add('spikewire:show-monitor', () => RED.sidebar.show('spikewire-monitor'));
  nodes.on('change', restart);
  nets.on('change', restart);
  setInterval(ask, EVERY);

  function restart() {
    frames = [];
    ask();
  }

  function list() {
    if (!content.is(':visible')) return;
    $.getJSON('spikewire/monitor').done((found) => {
      fill(
        nodes,
        found.map(({ id, name }) => [id, name]),
      );
      said.text(found.length === 0 ? text('nothing') : '');
    });
  }

  function fill(select, options) {
    const chosen = select.val();
    select.empty().append(options.map(([value, label]) => $('<option>').val(value).text(label)));
    if (options.some(([value]) => value === chosen)) select.val(chosen);
  }

  function ask() {
    if (asking || document.hidden || !content.is(':visible')) return;
    if (!nodes.val()) return list();
    asking = true;
    const query = $.param({ after: frames.at(-1)?.seq ?? 0, ...(nets.val() ? { net: nets.val() } : {}) });
    $.getJSON(`spikewire/monitor/${encodeURIComponent(nodes.val())}?${query}`)
      .done(take)
      .fail(({ responseJSON, status }) => {
        said.text(responseJSON?.error ?? '');
        if (status === 404) list();
      })
      .always(() => {
        asking = false;
      });
  }

  function take(view) {
    fill(
      nets,
      view.nets.map((net) => [net, net]),
    );
    nets.val(view.net).toggle(view.nets.length > 1);
    // A net that starts again counts from 1.
    if (view.frames.length > 0 && frames.length > 0 && view.frames[0].seq <= frames.at(-1).seq) frames = [];
    frames = [...frames, ...view.frames].slice(-SHOWN);
    const last = frames.at(-1);
    if (last === undefined) return said.text(text('waiting'));
    const values = last.values.map((value, k) => `${view.channels[k]} ${Number(value.toPrecision(4))}`);
    said
      .text(last.anomaly ? last.reason || text('unusual') : values.join(', '))
      .toggleClass('red-ui-text-error', last.anomaly);
    draw(view);
  }

  function draw({ channels, neurons, windowSteps }) {
    const colour = (name) => getComputedStyle(document.body).getPropertyValue(name).trim() || 'currentColor';
    const [line, faint, alarm] = [
      '--red-ui-primary-text-color',
      '--red-ui-secondary-border-color',
      '--red-ui-text-color-error',
    ].map(colour);
    const x = (k, width) => ((k + 0.5) / SHOWN) * width;

    /** Lines, each on a scale of its own. */
    const lines = (canvas, courses, styles) => {
      const { pen, width } = penOf(canvas);
      for (const [n, course] of courses.entries()) {
        const known = course.filter((value) => value !== null);
        const [low, high] = [Math.min(...known), Math.max(...known)];
        const y = (value) => HEIGHT - 4 - ((value - low) / (high - low || 1)) * (HEIGHT - 8);
        pen.strokeStyle = styles[n % styles.length];
        pen.beginPath();
        for (const [k, value] of course.entries()) if (value !== null) pen.lineTo(x(k, width), y(value));
        pen.stroke();
      }
      pen.fillStyle = alarm;
      for (const [k, { anomaly }] of frames.entries()) if (anomaly) pen.fillRect(x(k, width) - 1, 0, 2, 5);
    };
    const hues = channels.map((_, k) => (k === 0 ? line : `hsl(${(k * 137) % 360} 60% 50%)`));
    lines(
      canvases.values,
      channels.map((_, k) => frames.map(({ values }) => values[k] ?? null)),
      hues,
    );
    lines(canvases.score, [frames.map(({ score }) => score)], [line]);

    const { pen, width } = penOf(canvases.raster);
    pen.fillStyle = faint;
    pen.fillRect(0, HEIGHT - 1, width, 1);
    pen.fillStyle = line;
    frames.forEach(({ raster }, k) => {
      for (const [step, neuron] of raster)
        pen.fillRect(((k + step / (windowSteps || 1)) / SHOWN) * width, (1 - (neuron + 1) / neurons) * HEIGHT, 1, 1);
    });
  }

  function penOf(canvas) {
    const [width, ratio] = [canvas.clientWidth, window.devicePixelRatio || 1];
    Object.assign(canvas, { width: width * ratio, height: HEIGHT * ratio });
    const pen = canvas.getContext('2d');
    pen.scale(ratio, ratio);
    return { pen, width };
  }
}
