/** Asks Node-RED what answers at the address that stands in the form. */
export function prepare(node) {
  const button = $('<button type="button" class="red-ui-button" id="node-config-input-test">');
  button.text(node._('test.button'));
  const answer = $('<span id="node-config-input-answer" style="margin-left: 10px">');
  $('<div class="form-row"><label></label></div>').append(button, answer).insertAfter('#node-config-input-address-row');
  button.on('click', () => {
    button.prop('disabled', true);
    answer.text(node._('test.asks'));
    $.ajax({
      url: 'spikewire/device-test',
      method: 'POST',
      contentType: 'application/json',
      data: JSON.stringify({ address: $('#node-config-input-address').val() }),
    })
      .done(({ name, milliseconds }) => answer.text(node._('test.answers', { name, milliseconds })))
      .fail(({ responseJSON }) => answer.text(responseJSON?.error ?? node._('test.silent')))
      .always(() => button.prop('disabled', false));
  });
}
