export { DeskSource, type DeskSourceOptions } from './desk-source.ts';
export { type Dashboard, type DashboardOptions, startDashboard } from './server.ts';
export {
  DASHBOARD_COMMANDS,
  type DashboardChannel,
  type DashboardCommand,
  type DashboardCounters,
  type DashboardDescription,
  type DashboardFrame,
  type DashboardLesson,
  type DashboardMemory,
  type DashboardNet,
  type DashboardNetState,
  type DashboardRaster,
  type DashboardReading,
  type DashboardSaved,
  type DashboardSetting,
  type DashboardSettings,
  type DashboardSource,
  type DashboardStatus,
  type DashboardTaught,
  type DashboardWarmUp,
} from './source.ts';
