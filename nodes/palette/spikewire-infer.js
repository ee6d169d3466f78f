module.exports = async (RED) => {
  const { openInfer } = await import('../dist/index.js');

  RED.nodes.registerType('spikewire-infer', function (configuration) {
    RED.nodes.createNode(this, configuration);
    openInfer(RED, this, configuration);
  });
};
