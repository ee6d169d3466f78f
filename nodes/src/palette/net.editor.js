/**
 * Takes a model from this computer, and shows at the end of the form what the net does that runs, or why it does not.
 */
export function prepare(node) {
  const said = $('<span id="node-config-input-uploaded" style="margin-left: 10px">');
  const file = $('<input type="file" accept=".spike,.json" id="node-config-input-upload" style="display: none">');
  const button = $('<button type="button" class="red-ui-button">').text(node._('upload.button'));
  $('<div class="form-row"><label></label></div>')
    .append(file, button, said)
    .insertAfter('#node-config-input-model-row');
  button.on('click', () => file.trigger('click'));
  file.on('change', () => {
    const [chosen] = file[0].files;
    if (chosen === undefined) return;
    said.text(node._('upload.sends'));
    $.ajax({
      url: `spikewire/models/${encodeURIComponent(chosen.name)}`,
      method: 'POST',
      data: chosen,
      processData: false,
      contentType: 'application/octet-stream',
    })
      .done(({ path, channels, labels }) => {
        $('#node-config-input-model').typedInput('type', 'file').typedInput('value', path);
        const known = [...channels, ...labels].join(', ') || '–';
        said.text(node._('upload.kept', { known }));
      })
      .fail(({ responseJSON }) => said.text(responseJSON?.error ?? node._('upload.failed')));
    file.val('');
  });

  const state = $('<div class="form-tips">').hide();
  $('#node-config-input-lookEvery-row').closest('details').after(state);
  const show = (line) => state.text(line).show();
  $.getJSON(`spikewire/nets/${encodeURIComponent(node.id)}`)
    .done(({ channels, labels, nets, updates }) => {
      const runs = node._('state.runs', {
        channels: channels.join(', ') || '–',
        labels: labels.join(', ') || '–',
        open: nets.open,
      });
      show(updates === null ? runs : `${runs} ${node._('state.updates', { updates })}`);
    })
    .fail(({ status, responseJSON }) => {
      if (status === 409 && responseJSON) show(responseJSON.error);
    });
}
