// What a person would write without us, by mqtt.js alone: `pass-through.mjs URL IN-PREFIX OUT-PREFIX QOS`. Each message
// goes on as it came.
import { connectAsync } from 'mqtt';

const [url, from, to, qos] = process.argv.slice(2);
const client = await connectAsync(url, { protocolVersion: 5 });
client.on('message', (topic, payload) => {
  client.publish(`${to}/${topic.split('/').at(-1)}`, payload, { qos: 1 });
});
await client.subscribeAsync(`${from}/+`, { qos: Number(qos) });
console.log('ready');
