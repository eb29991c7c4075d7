import type { Dashboard } from './dashboard.ts';
import { above, below } from './limits.ts';
import { series, stat, states, upOrDown } from './panels.ts';
import { here, quantile, quantiles, rate } from './promql.ts';

const sockets = `ws_connections{${here}}`;
/** Of the most in five minutes, how many are left. */
const left = (by: string): string =>
  `sum${by} (${sockets}) / max_over_time(sum${by} (${sockets})[5m:15s])`;
const frames = (direction: string): string =>
  `sum by (op) (${rate(`ws_messages_total{${here},direction="${direction}"}`)})`;

/** From the commit of a change to the screen of whoever follows. */
export const realtime: Dashboard = {
  uid: 'mainstay-realtime',
  title: 'Realtime',
  description:
    'Sockets, and the way of an event to them: outbox, event log, fan-out. Whoever lost a socket gets everything when it returns.',
  panels: [
    stat('Open sockets', {
      means: 'Of all instances. It follows the hour of the day.',
      runbook: 'SocketDrop',
      unit: 'short',
      shows: { open: `sum(${sockets})` },
    }),
    stat('Sockets kept', {
      means:
        'Open sockets as a share of the most in the last 5 minutes. Below 50 % somebody is called: an instance or the gateway has gone. They come back by themselves and resume.',
      runbook: 'SocketDrop',
      unit: 'percentunit',
      limits: below(0.8, 0.5),
      shows: { kept: left('') },
    }),
    stat('Fan-out, p95', {
      means:
        'From the commit of a change to the write of its frame. Over a second people notice: see the outbox lag, then the event loop on Infrastructure.',
      runbook: 'OutboxLag',
      unit: 's',
      limits: above(0.5, 1),
      shows: { p95: quantile(0.95, 'ws_fanout_seconds') },
    }),
    stat('Outbox lag', {
      means:
        'Age of the oldest event that has no position yet. Over 30 s somebody is called: no instance relays, or the database is slow. Nothing is lost.',
      runbook: 'OutboxLag',
      unit: 's',
      limits: above(5, 30),
      shows: { oldest: `max(outbox_lag_seconds{${here}})` },
    }),
    series('Sockets by instance', {
      means:
        'Even after a while; uneven after a restart, since nobody moves without a reason. At `realtime.maxConnections` (20000) upgrades are answered 503.',
      runbook: 'SocketDrop',
      unit: 'short',
      stacked: true,
      shows: { '{{instance}}': `sum by (instance) (${sockets})` },
    }),
    series('Sockets kept by instance', {
      means:
        'Which instance loses its sockets. A deploy shows as one after the other going to 0 within 10 s; a network fault as all at once.',
      runbook: 'SocketDrop',
      unit: 'percentunit',
      limits: below(0.8, 0.5),
      shows: { '{{instance}}': left(' by (instance)') },
    }),
    series('Fan-out', {
      means:
        'Commit to frame. p50 is the rest between two relay rounds (20 ms) and a wake-up; p99 far above it: slow readers, or many followers of one author.',
      runbook: 'OutboxLag',
      unit: 's',
      limits: above(0.5, 1),
      shows: quantiles('ws_fanout_seconds'),
    }),
    series('Outbox lag by instance', {
      means:
        'Each instance relays in turn. One that reports a lag alone is slow itself; all together: the database.',
      runbook: 'OutboxLag',
      unit: 's',
      limits: above(5, 30),
      shows: { '{{instance}}': `max by (instance) (outbox_lag_seconds{${here}})` },
    }),
    series('Events a second', {
      means:
        'Positions that the event log gives, over five minutes. 0 while posts are written: nobody relays, and the outbox lag grows.',
      runbook: 'OutboxLag',
      unit: 'ops',
      // Instances relay in turn, and each knows only its own last position.
      shows: { events: `deriv(max(event_log_position{${here}} > 0)[5m:15s])` },
    }),
    states('Bus and outbox', {
      means:
        'As the worst instance finds them. Bus down: nobody is woken, events come by the clock, a second late. Outbox down: its lag is over 30 s. /healthz/ready of that instance tells the last error.',
      runbook: 'OutboxLag',
      unit: 'short',
      are: upOrDown,
      shows: { '{{check}}': `min by (check) (health_check_up{${here},check=~"bus|outbox"})` },
    }),
    series('Frames from clients', {
      means:
        'By operation. Many `resume` and `auth` at once: everybody comes back from a lost instance. Many `subscribe` without those: a client in a loop.',
      runbook: 'SocketDrop',
      unit: 'ops',
      shows: { '{{op}}': frames('in') },
    }),
    series('Frames to clients', {
      means:
        'By operation. `event` is the load; `error` without a deploy is a client that asks for what it may not have, or too much of it.',
      runbook: 'SocketDrop',
      unit: 'ops',
      shows: { '{{op}}': frames('out') },
    }),
    series('Closed sockets by code', {
      means:
        '1000, 1001, 1005: the client went. 1006: the network. 1008: too many frames. 1012: shutdown. 4401: token ended. 4408: a reader too slow.',
      runbook: 'SocketDrop',
      unit: 'ops',
      shows: { '{{code}}': `sum by (code) (${rate(`ws_closed_total{${here}}`)})` },
    }),
    series('Refused upgrades', {
      means:
        'Sockets that an address may not open so fast (the limit `handshake`). All right after a restart, from one gateway: it is not in TRUSTED_PROXIES.',
      runbook: 'SocketDrop',
      unit: 'ops',
      shows: {
        refused: `sum(${rate(`rate_limit_rejections_total{${here},policy="handshake"}`)})`,
      },
    }),
  ],
};
