// A process that reads a topic until the message "end" comes, and prints what came, what it counted, what it said, and
// by how many bytes its memory has grown at the most. Arguments: address of the broker, MQTT version, client id, topic.
import { MqttLink } from 'spikewire/mqtt';

const [url, version, clientId, topic] = process.argv.slice(2);
const seen = [];
const lines = [];
const resident = () => process.resourceUsage().maxRSS * 1024;
const before = resident();
let ended;
const end = new Promise((resolve) => {
  ended = resolve;
});
const handler = ({ payload }) => {
  const text = Buffer.from(payload).toString();
  seen.push(text);
  if (text === 'end') ended();
};
const link = await MqttLink.connect(url, {
  clientId,
  version,
  random: () => 0,
  subscriptions: [{ filter: topic, handler }],
  onWarning: (line) => lines.push(line),
});
console.log('ready');
await end;
const { reconnects, dropped } = link.counters;
await link.close();
console.log(JSON.stringify({ seen, lines, reconnects, tooLarge: dropped.tooLarge, grown: resident() - before }));
