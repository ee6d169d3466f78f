/** Shows at the end of the form what the net does that runs, or why it does not. */
export function prepare(node) {
  const state = $('<div class="form-tips">').hide();
  $('#node-config-input-worker').parent().after(state);
  const show = (line) => state.text(line).show();
  $.getJSON(`spikewire/nets/${encodeURIComponent(node.id)}`)
    .done(({ channels, labels, nets }) =>
      show(
        node._('state.runs', {
          channels: channels.join(', ') || '–',
          labels: labels.join(', ') || '–',
          open: nets.open,
        }),
      ),
    )
    .fail(({ status, responseJSON }) => {
      if (status === 409 && responseJSON) show(responseJSON.error);
    });
}
