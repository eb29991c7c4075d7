import type { Dashboard } from './dashboard.ts';
import { above } from './limits.ts';
import { bars, series, stat } from './panels.ts';
import { here, inAll, ofUsers, rate } from './promql.ts';

/** What people do, a minute. */
const aMinute = (metric: string, by?: string): string =>
  `sum${by === undefined ? '' : ` by (${by})`} (${rate(`${metric}{${here}}`)}) * 60`;

/** What people do with it. A broken release shows here when everything technical is green. */
export const business: Dashboard = {
  uid: 'mainstay-business',
  title: 'Business',
  description:
    'What people do with Mainstay. The top row counts over the time that is shown; below it is by the minute.',
  panels: [
    stat('Active users, 24 h', {
      means:
        'People with a request in the last 24 hours. Compare with the same day of last week; a drop without an alert is worth a look at logins.',
      runbook: 'ServiceDown',
      unit: 'short',
      shows: { active: `max(users_active{${here},window="24h"})` },
    }),
    stat('New accounts', {
      means: 'Accounts created in the time that is shown. None for hours: try to register.',
      runbook: 'HighErrorRate',
      unit: 'short',
      whole: true,
      shows: { accounts: inAll(`user_registrations_total{${here}}`) },
    }),
    stat('Logins', {
      means: 'Successful logins in the time that is shown.',
      runbook: 'HighErrorRate',
      unit: 'short',
      whole: true,
      shows: { logins: inAll(`logins_total{${here},result="success"}`) },
    }),
    stat('New posts', {
      means:
        'Posts written in the time that is shown. None while people read: writes fail, see “Errors by code and dependency”.',
      runbook: 'HighErrorRate',
      unit: 'short',
      whole: true,
      shows: { posts: inAll(`posts_created_total{${here}}`) },
    }),
    series('Active users', {
      means:
        'In the last 5 minutes and the last 24 hours. The first follows the hour of the day; a step down is an outage.',
      runbook: 'ServiceDown',
      unit: 'short',
      shows: { 'last {{window}}': `max by (window) (users_active{${here}})` },
    }),
    series('People online', {
      means: 'Open sockets of all instances: people with the application in front of them.',
      runbook: 'SocketDrop',
      unit: 'short',
      shows: { sockets: `sum(ws_connections{${here}})` },
    }),
    series('Accounts and posts', {
      means:
        'New accounts and posts by kind. Accounts without posts in a steep line: somebody registers by machine, see “Refused by a limit”.',
      runbook: 'HighErrorRate',
      unit: 'cpm',
      shows: {
        accounts: aMinute('user_registrations_total'),
        'posts: {{kind}}': aMinute('posts_created_total', 'kind'),
      },
    }),
    series('Logins by result', {
      means:
        '`refused`: a wrong password, or a provider that does not vouch for the account. `success` falling to nothing: try to log in.',
      runbook: 'HighErrorRate',
      unit: 'cpm',
      shows: { '{{result}}': aMinute('logins_total', 'result') },
    }),
    series('Refused logins', {
      means:
        'Share of logins with a wrong password. People mistype one in ten; over half is guessing: see the limit `auth`, and the addresses in the access log.',
      runbook: 'HighErrorRate',
      unit: 'percentunit',
      limits: above(0.3, 0.5),
      shows: {
        refused: `sum(${rate(`logins_total{${here},result="refused"}`)}) / sum(${rate(`logins_total{${here},result=~"refused|success"}`)})`,
      },
    }),
    series('Signs of an attack', {
      means:
        'Guesses at accounts that many guess at, which wait for their turn; and old refresh tokens that came back, which ended their session: more than single ones mean stolen tokens or a broken client.',
      runbook: 'HighErrorRate',
      unit: 'cpm',
      shows: {
        'guesses slowed': aMinute('password_attempts_slowed_total'),
        'refresh tokens replayed': aMinute('refresh_tokens_replayed_total'),
      },
    }),
    series('Notifications', {
      means:
        'By type and channel. None while people follow and like: the consumer stands still, see the outbox on Realtime.',
      runbook: 'OutboxLag',
      unit: 'cpm',
      shows: { '{{type}} by {{channel}}': aMinute('notifications_sent_total', 'type, channel') },
    }),
    series('Searches', {
      means:
        'By the order of the results. `relevance` falling while `newest` rises: people do not find what they look for.',
      runbook: 'HighErrorRate',
      unit: 'cpm',
      shows: { '{{sort}}': aMinute('searches_total', 'sort') },
    }),
    bars('What is used most', {
      means:
        'Requests by route in the time that is shown. A route that is new near the top: a client asks too often.',
      runbook: 'HighLatency',
      unit: 'short',
      shows: {
        '{{route}}': `topk(10, sum by (route) (increase(http_requests_total{${ofUsers}}[$__range])))`,
      },
    }),
  ],
};
