/** Above the settings: buttons that say what is shown at the moment, and how good the net is at it. */
export function prepare(node) {
  const url = `spikewire/classify/${encodeURIComponent(node.id)}`;
  const text = (key, values) => node._(`panel.${key}`, values);
  const parts = addPanel(text);
  const { panel, now, topics, said } = parts;
  const topic = () => (topics.is(':visible') ? topics.val() : undefined);
  const ask = (asked) =>
    $.ajax({ url, method: 'POST', contentType: 'application/json', data: JSON.stringify({ ...asked, topic: topic() }) })
      .done(({ answer }) => {
        if (typeof answer === 'string') said.text(text(`answer.${answer}`, { defaultValue: answer }));
        refresh();
      })
      .fail(({ responseJSON, statusText }) => said.text(responseJSON?.error ?? statusText));
  const refresh = () =>
    $.getJSON(url, topic() === undefined ? {} : { topic: topic() })
      .done((state) => show(parts, state, text))
      .fail(({ status, responseJSON }) => {
        now.text(status === 404 ? text('deploy') : (responseJSON?.error ?? text('offline')));
        panel.find('button, input').prop('disabled', status === 404);
      });
  listen(parts, ask, refresh);
  refresh();
  const timer = setInterval(
    () => ($.contains(document.documentElement, panel[0]) ? refresh() : clearInterval(timer)),
    1000,
  );
}

/** The empty panel, by its parts. */
function addPanel(text) {
  const panel = $('<fieldset class="spikewire-panel">').css({
    border: '1px solid var(--red-ui-form-input-border-color)',
    borderRadius: '4px',
    padding: '8px',
    margin: '0 0 12px',
    minWidth: 0,
  });
  const line = { display: 'flex', flexWrap: 'wrap', gap: '6px' };
  const row = () => $('<div>').css({ ...line, margin: '8px 0', alignItems: 'center' });
  const button = (key) =>
    $('<button type="button" class="red-ui-button">').text(text(key)).addClass(`spikewire-${key}`);
  const wide = (name) => $(`<div class="spikewire-${name}">`).css({ overflowX: 'auto' });
  const parts = {
    now: $('<div class="spikewire-now" aria-live="polite">').css({ fontSize: '1.2em', marginBottom: '6px' }),
    topics: $('<select class="spikewire-topic">').css({ width: 'auto', maxWidth: '100%' }).hide(),
    classes: $('<div class="spikewire-classes">').css(line),
    name: $('<input type="text" class="spikewire-name">')
      .attr({ placeholder: text('newClass') })
      .css({ width: '10em' }),
    seconds: $('<input type="number" class="spikewire-seconds" min="0" max="3600">').css({ width: '5em' }).val(0),
    ...{ add: button('add'), undo: button('undo'), train: button('train'), cancel: button('cancel') },
    said: $('<div class="spikewire-said" role="status">').css({ color: 'var(--red-ui-secondary-text-color)' }),
    ...{ confusion: wide('confusion'), trained: wide('trained') },
  };
  const { now, topics, classes, name, seconds, add, undo, train, cancel, said, confusion, trained } = parts;
  const hold = $('<label>').css('width', 'auto').append(text('hold'), ' ', seconds, ' ', text('seconds'));
  panel.append(now, topics, classes, row().append(name, add, undo), row().append(hold));
  panel.append(said, confusion, row().append(train, cancel), trained);
  panel.insertAfter($('#node-input-name-row'));
  return { panel, ...parts };
}

/** What a person asks for. */
function listen({ topics, classes, name, seconds, add, undo, train, cancel }, ask, refresh) {
  const teach = (label) =>
    ask({ do: 'teach', label, ...(Number(seconds.val()) > 0 ? { seconds: Number(seconds.val()) } : {}) });
  classes.on('click', 'button', (event) => teach(event.currentTarget.dataset.label));
  add.on('click', () => {
    const label = name.val().trim();
    if (label !== '') teach(label).done(() => name.val(''));
  });
  name.on('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    event.stopPropagation();
    add.trigger('click');
  });
  train.on('click', () => ask({ do: 'train' }));
  cancel.on('click', () => ask({ do: 'cancel' }));
  undo.on('click', () => ask({ do: 'take-back' }));
  topics.on('change', refresh);
}

function show(parts, state, text) {
  const { classes: taught = [], confusion: rows = [], judged = 0, accuracy } = state;
  const counts = new Map(taught.map((label, k) => [label, (rows[k] ?? []).reduce((sum, count) => sum + count, 0)]));
  parts.now.text(nowText(state, text));
  showTopics(parts.topics, state);
  showClasses(parts.classes, [...new Set([...taught, ...namedClasses()])], counts, state.last?.answer, text);
  parts.confusion.empty();
  if (rows.some((row) => row.some((count) => count !== 0)))
    parts.confusion.append(table(text('confusion'), ['–', ...taught], taught, rows));
  if (judged > 0) {
    const line = text('accuracy', { judged, share: share(accuracy.served) });
    parts.confusion.append($('<div class="spikewire-accuracy">').text(line));
  }
  showTraining(parts, state.training, text);
  parts.panel.find('button, input').prop('disabled', false);
}

function nowText({ last, held }, text) {
  if (held) return text('held', held);
  if (!last) return text('nothing');
  if (last.answer === null) return text('teachMe');
  if (last.likeliest) return text('unknown', { likeliest: last.likeliest });
  return text('now', { answer: last.answer, confidence: share(last.confidence) });
}

/** The choice stays open under the mouse as long as topics are the same. */
function showTopics(select, { topics, topic }) {
  select.toggle(topics.length > 1);
  const shown = JSON.stringify(topics);
  if (topics.length <= 1 || select.data('shown') === shown) return;
  select.data('shown', shown).empty();
  select.append(topics.map((own) => $('<option>').val(own).text(own))).val(topic);
}

/** Those that the form names to begin with. */
function namedClasses() {
  const model = $('#node-input-model');
  if (model.typedInput('type') !== 'classes') return [];
  const names = model.typedInput('value').split(',');
  return names.map((label) => label.trim()).filter((label) => label !== '');
}

/** Buttons stay as long as classes do, so that the keyboard does not lose its place. */
function showClasses(classes, names, counts, answer, text) {
  const button = (label) =>
    $('<button type="button" class="red-ui-button">')
      .attr({ 'data-label': label, title: text('teach', { label }) })
      .append($('<span>').text(label), ' ', $('<span class="spikewire-count">').css('opacity', 0.7));
  const shown = JSON.stringify(names);
  if (classes.data('shown') !== shown) classes.data('shown', shown).empty().append(names.map(button));
  classes.children().each(function () {
    const { label } = this.dataset;
    $(this).toggleClass('primary', label === answer);
    $(this)
      .find('.spikewire-count')
      .text(counts.get(label) ?? 0);
  });
}

function showTraining({ train, cancel, trained }, { running, share: done, figures, problem, trainer }, text) {
  cancel.toggle(running);
  train.toggle(!running);
  trained.empty();
  if (running) return trained.text(text('training', { percent: Math.floor(100 * done) }));
  if (problem) return trained.text(problem);
  if (figures) {
    const { by, classes: names, confusion: rows, tested, recordings } = figures;
    const [accuracy, majority, unknown] = [figures.accuracy, figures.majority, figures.unknown].map(share);
    trained.append($('<strong>').text(text(by === 'trainer' ? 'trained' : 'taught')));
    const said = [text('figures', { accuracy, tested, recordings }), text('baseline', { majority, unknown })];
    trained.append($('<div>').text(`${said.join('; ')}.`));
    trained.append(table(text('shown'), names, names, rows));
  }
  if (!trainer) trained.append($('<div>').text(text('install')));
}

function table(title, columns, names, rows) {
  const head = $('<tr>').append(cell('th', title), ...columns.map((label) => cell('th', label)));
  const lines = rows.map((counts, k) =>
    $('<tr>').append(cell('th', names[k]), ...counts.map((count) => cell('td', count || ''))),
  );
  return $('<table>').append(head, ...lines);
}

function cell(kind, value) {
  return $(`<${kind}>`)
    .text(value)
    .css({ padding: '2px 6px', textAlign: kind === 'td' ? 'right' : 'left' });
}

function share(value) {
  return value === null || value === undefined ? '–' : `${Math.round(100 * value)} %`;
}
