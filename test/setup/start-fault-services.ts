import { findOrInstall, programs } from './install.ts';
import startServices from './start-services.ts';

/** What tests of faults stand on: the services of all tests, a load balancer, and small disks. */
export default async function startFaultServices(): Promise<void> {
  findOrInstall(programs.haproxy);
  if (process.platform === 'linux') findOrInstall(programs.bubblewrap);
  await startServices();
}
