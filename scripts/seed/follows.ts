import { TENANT, type SeededUser } from './accounts.ts';
import { shuffled, zipf } from './random.ts';
import { recentMoment } from './times.ts';

/** A row of `posts.follows`. */
export interface FollowRow {
  tenant_id: string;
  follower_id: string;
  author_id: string;
  created_at: Date;
}

const POPULARITY_SKEW = 0.7;

/**
 * Exactly `count` follows, none twice, nobody themselves: a few authors are followed by many, and
 * some accounts follow several times as many as others.
 *
 * @param onFollow told who follows whom
 */
export function* makeFollows(
  count: number,
  users: readonly SeededUser[],
  maxFollowing: number,
  onFollow: (follower: number, author: number) => void,
): Generator<FollowRow> {
  const popular = zipf(users.length, POPULARITY_SKEW);
  const quotas = shareOut(count, users.length, Math.min(users.length - 1, maxFollowing));
  for (const [follower, quota] of quotas.entries()) {
    for (const author of drawDistinct(quota, follower, users.length, popular)) {
      onFollow(follower, author);
      yield {
        tenant_id: TENANT,
        follower_id: users[follower]?.id ?? '',
        author_id: users[author]?.id ?? '',
        created_at: recentMoment(),
      };
    }
  }
}

/** Splits a total unevenly over the users, none above the maximum. */
function shareOut(total: number, users: number, max: number): number[] {
  const weights = Array.from({ length: users }, () => 0.2 - Math.log(1 - Math.random()));
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const quotas = weights.map((weight) => Math.min(max, Math.floor((total * weight) / sum)));
  let left = total - quotas.reduce((all, quota) => all + quota, 0);
  const order = shuffled(users);
  for (let turn = 0; left > 0; turn = (turn + 1) % users) {
    const user = order[turn] ?? 0;
    if ((quotas[user] ?? max) >= max) continue;
    quotas[user] = (quotas[user] ?? 0) + 1;
    left--;
  }
  return quotas;
}

/** Authors by popularity; when those run out (somebody follows nearly everybody), whoever is left. */
function drawDistinct(
  quota: number,
  follower: number,
  users: number,
  popular: () => number,
): Set<number> {
  const chosen = new Set<number>();
  for (let tries = quota * 8; chosen.size < quota && tries > 0; tries--) {
    const author = popular();
    if (author !== follower) chosen.add(author);
  }
  if (chosen.size === quota) return chosen;
  for (const author of shuffled(users)) {
    if (chosen.size === quota) break;
    if (author !== follower) chosen.add(author);
  }
  return chosen;
}
