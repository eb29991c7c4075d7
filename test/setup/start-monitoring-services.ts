import { findOrInstall, programs } from './install.ts';
import startServices from './start-services.ts';

/** What tests of alerts, dashboards and the console stand on: what operators use, for real. */
export default async function startMonitoringServices(): Promise<void> {
  const { prometheus, promtool, alertmanager, amtool, chromium, bubblewrap } = programs;
  for (const program of [prometheus, promtool, alertmanager, amtool, chromium])
    findOrInstall(program);
  if (process.platform === 'linux') findOrInstall(bubblewrap);
  await startServices();
}
