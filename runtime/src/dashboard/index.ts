export { DeskSource, type DeskSourceOptions, type Simulated } from './desk-source.ts';
export { metricLines, type Sample } from './metrics.ts';
export { readBody } from './server/body.ts';
export { Connections } from './server/connections.ts';
export { Gate, type GateOptions, type TokenRoles } from './server/gate.ts';
export { isLoopback, listen } from './server/listen.ts';
export { PageFiles } from './server/page-files.ts';
export { Refusal, SECURITY_HEADERS } from './server/reply.ts';
export { type Dashboard, type DashboardOptions, startDashboard } from './server/server.ts';
export {
  DASHBOARD_COMMANDS,
  type DashboardChannel,
  type DashboardCommand,
  type DashboardCounters,
  type DashboardDescription,
  type DashboardFrame,
  type DashboardGathering,
  type DashboardInside,
  type DashboardLabels,
  type DashboardLesson,
  type DashboardMap,
  type DashboardMemory,
  type DashboardMonitor,
  type DashboardNamed,
  type DashboardNet,
  type DashboardNetName,
  type DashboardNetState,
  type DashboardOrder,
  type DashboardPast,
  type DashboardRaster,
  type DashboardReading,
  type DashboardSaved,
  type DashboardSetting,
  type DashboardSettings,
  type DashboardSource,
  type DashboardStatus,
  type DashboardStretch,
  type DashboardTaught,
  type DashboardWarmUp,
} from './source.ts';
