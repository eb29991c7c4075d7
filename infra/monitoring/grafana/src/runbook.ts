/** Sections of docs/runbook.md that panels lead to: what to do when a panel is red. */
export type Section =
  | 'ServiceDown'
  | 'HighErrorRate'
  | 'HighLatency'
  | 'LowDiskSpace'
  | 'HighMemory'
  | 'PoolExhausted'
  | 'SocketDrop'
  | 'BreakerOpen'
  | 'OutboxLag'
  | 'DeadLetterJobs'
  | 'ReplicationLag'
  | 'BackupOld'
  | 'BackupUnverified'
  | 'ArchiverFailing'
  | 'CertificateExpiring'
  | 'SloAvailabilityBurnFast'
  | 'SloAvailabilityBurnSlow';

/** The value of the variable `runbook`, which every link begins with: an installation may keep it elsewhere. */
export const RUNBOOK = 'https://git.example.com/mainstay/docs/runbook.md';

/** A link of a panel; `:raw`, or Grafana would escape the address. */
export const runbookLink = (section: Section) => ({
  title: `Runbook: ${section}`,
  url: '$' + `{runbook:raw}#${section.toLowerCase()}`,
  targetBlank: true,
});
