import { running } from './running.ts';

export default async function stopServices(): Promise<void> {
  for (const stop of running.reverse()) await stop();
}
