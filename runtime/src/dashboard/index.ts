export { type Dashboard, type DashboardOptions, startDashboard } from './server.ts';
export {
  DASHBOARD_COMMANDS,
  type DashboardChannel,
  type DashboardCommand,
  type DashboardCounters,
  type DashboardDescription,
  type DashboardFrame,
  type DashboardMemory,
  type DashboardNet,
  type DashboardNetState,
  type DashboardRaster,
  type DashboardSaved,
  type DashboardSetting,
  type DashboardSettings,
  type DashboardSource,
  type DashboardWarmUp,
} from './source.ts';
export { StreamSource, type StreamSourceOptions } from './stream-source.ts';
