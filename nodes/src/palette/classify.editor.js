/** Above the settings: buttons that say what is shown at the moment, and how good the net is at it. */
export function prepare(node) {
  const url = `spikewire/classify/${encodeURIComponent(node.id)}`;
  const text = (key, values) => node._(`panel.${key}`, values);
  const panel = $('<fieldset class="spikewire-panel">').css({
    border: '1px solid var(--red-ui-form-input-border-color)',
    borderRadius: '4px',
    padding: '8px',
    margin: '0 0 12px',
    minWidth: 0,
  });
  panel.insertAfter($('#node-input-name-row'));
  const now = $('<div class="spikewire-now" aria-live="polite">').css({ fontSize: '1.2em', marginBottom: '6px' });
  const topics = $('<select class="spikewire-topic">').css({ width: 'auto', maxWidth: '100%' }).hide();
  const classes = $('<div class="spikewire-classes">').css({ display: 'flex', flexWrap: 'wrap', gap: '6px' });
  const row = () =>
    $('<div>').css({ display: 'flex', flexWrap: 'wrap', gap: '6px', margin: '8px 0', alignItems: 'center' });
  const button = (key) =>
    $('<button type="button" class="red-ui-button">').text(text(key)).addClass(`spikewire-${key}`);
  const name = $('<input type="text" class="spikewire-name">')
    .attr({ placeholder: text('newClass') })
    .css({ width: '10em' });
  const seconds = $('<input type="number" class="spikewire-seconds" min="0" max="3600">').css({ width: '5em' }).val(0);
  const [add, undo, train, cancel] = ['add', 'undo', 'train', 'cancel'].map(button);
  const confusion = $('<div class="spikewire-confusion">').css({ overflowX: 'auto' });
  const said = $('<div class="spikewire-said" role="status">').css({ color: 'var(--red-ui-secondary-text-color)' });
  panel.append(now, topics, classes);
  panel.append(
    row().append(name, add, undo),
    row().append($('<label>').css('width', 'auto').append(text('hold'), ' ', seconds, ' ', text('seconds'))),
  );
  const trained = $('<div class="spikewire-trained">').css({ overflowX: 'auto' });
  panel.append(said, confusion, row().append(train, cancel), trained);

  const say = (line) => said.text(line);
  const topic = () => (topics.is(':visible') ? topics.val() : undefined);
  const ask = (asked) =>
    $.ajax({ url, method: 'POST', contentType: 'application/json', data: JSON.stringify({ ...asked, topic: topic() }) })
      .done(({ answer }) => {
        if (typeof answer === 'string') say(text(`answer.${answer}`, { defaultValue: answer }));
        refresh();
      })
      .fail(({ responseJSON, statusText }) => say(responseJSON?.error ?? statusText));
  const teach = (label) =>
    ask({ do: 'teach', label, ...(Number(seconds.val()) > 0 ? { seconds: Number(seconds.val()) } : {}) });
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

  /** Buttons stay as long as classes do, so that the keyboard does not lose its place. */
  let shown = '';
  const showClasses = (names, counts, answer) => {
    if (names.join('\n') !== shown) {
      shown = names.join('\n');
      classes.empty().append(
        names.map((label) =>
          $('<button type="button" class="red-ui-button">')
            .attr({ 'data-label': label, title: text('teach', { label }) })
            .append($('<span>').text(label), ' ', $('<span class="spikewire-count">').css('opacity', 0.7))
            .on('click', () => teach(label)),
        ),
      );
    }
    classes.children().each(function () {
      const label = this.dataset.label;
      $(this)
        .toggleClass('primary', label === answer)
        .find('.spikewire-count')
        .text(counts.get(label) ?? 0);
    });
  };
  const cell = (kind, value) =>
    $(`<${kind}>`)
      .text(value)
      .css({ padding: '2px 6px', textAlign: kind === 'td' ? 'right' : 'left' });
  const table = (title, columns, names, rows) => {
    const head = $('<tr>').append(cell('th', title), ...columns.map((label) => cell('th', label)));
    const lines = rows.map((counts, k) =>
      $('<tr>').append(cell('th', names[k]), ...counts.map((count) => cell('td', count || ''))),
    );
    return $('<table>').append(head, ...lines);
  };
  const showConfusion = (names, rows) => {
    confusion.empty();
    if (rows.every((counts) => counts.every((count) => count === 0))) return;
    confusion.append(table(text('confusion'), ['–', ...names], names, rows));
  };
  const showTraining = ({ running, share: done, figures, problem, trainer }) => {
    cancel.toggle(running);
    train.toggle(!running);
    trained.empty();
    if (running) return trained.text(text('training', { percent: Math.floor(100 * done) }));
    if (problem) return trained.text(problem);
    if (figures) {
      const { by, classes: names, confusion: rows, tested, recordings } = figures;
      const [accuracy, majority, unknown] = [figures.accuracy, figures.majority, figures.unknown].map(share);
      trained.append($('<strong>').text(text(by === 'trainer' ? 'trained' : 'taught')));
      trained.append($('<div>').text(text('figures', { accuracy, majority, unknown, tested, recordings })));
      trained.append(table(text('shown'), names, names, rows));
    }
    if (!trainer) trained.append($('<div>').text(text('install')));
  };
  const share = (value) => (value === null || value === undefined ? '–' : `${Math.round(100 * value)} %`);
  const nowText = ({ last, held }) => {
    if (held) return text('held', held);
    if (!last) return text('nothing');
    if (last.answer === null) return text('teachMe');
    if (last.likeliest) return text('unknown', { likeliest: last.likeliest });
    return text('now', { answer: last.answer, confidence: share(last.confidence) });
  };
  const show = (state) => {
    const { classes: taught = [], confusion: rows = [], labels = 0, accuracy } = state;
    const named =
      $('#node-input-model').typedInput('type') === 'classes' ? $('#node-input-model').typedInput('value') : '';
    const names = [...new Set([...taught, ...named.split(',').map((label) => label.trim())])].filter(
      (label) => label !== '',
    );
    const counts = new Map(taught.map((label, k) => [label, (rows[k] ?? []).reduce((sum, count) => sum + count, 0)]));
    now.text(nowText(state));
    topics.toggle(state.topics.length > 1);
    if (state.topics.length > 1 && topics.children().length !== state.topics.length)
      topics
        .empty()
        .append(state.topics.map((own) => $('<option>').val(own).text(own)))
        .val(state.topic);
    showClasses(names, counts, state.last?.answer);
    showConfusion(taught, rows);
    confusion.append(
      labels > 0
        ? $('<div class="spikewire-accuracy">').text(text('accuracy', { labels, share: share(accuracy.served) }))
        : '',
    );
    showTraining(state.training);
    panel.find('button, input').prop('disabled', false);
  };
  const refresh = () =>
    $.getJSON(url, topic() === undefined ? {} : { topic: topic() })
      .done(show)
      .fail(({ status, responseJSON }) => {
        now.text(status === 404 ? text('deploy') : (responseJSON?.error ?? text('offline')));
        panel.find('button, input').prop('disabled', status === 404);
      });
  topics.on('change', refresh);
  refresh();
  const timer = setInterval(
    () => ($.contains(document.documentElement, panel[0]) ? refresh() : clearInterval(timer)),
    1000,
  );
}
