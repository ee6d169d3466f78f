export { describeFigures } from './figures-line.ts';
export { attachedSensors, type OpenSensorOptions, openSensor, sensorDrivers } from './find.ts';
export { edgesForInput } from './into-network.ts';
export type { ChannelFigures, QualityFigures } from './quality.ts';
export { samplesNow } from './sample-now.ts';
export type * from './sensor.ts';
export { type SensorFigures, SensorStream, type SensorStreamOptions } from './sensor-stream.ts';
export { commonSettings, SensorSettings, splitAddress } from './settings.ts';
