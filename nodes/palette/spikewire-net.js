module.exports = async (RED) => {
  const { openNet, serveNets } = await import('../dist/index.js');

  RED.nodes.registerType('spikewire-net', function (configuration) {
    RED.nodes.createNode(this, configuration);
    openNet(RED, this, configuration);
  });
  serveNets(RED);
};
