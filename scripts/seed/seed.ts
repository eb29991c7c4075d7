/**
 * `npm run seed`: realistic data in bulk, straight into PostgreSQL, with ready access tokens for
 * load tests. Everything of a run is in one transaction: it is there whole or not at all.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { makeAccounts, type SeededUser } from './accounts.ts';
import { openApplication, loadConfiguration, type Application } from './application.ts';
import { parsePlan, USAGE, UsageError, type SeedPlan } from './arguments.ts';
import { built, NotBuiltError } from './built.ts';
import { insertAll } from './bulk-insert.ts';
import { ProfileTotals } from './counts.ts';
import { makeFollows } from './follows.ts';
import { makePosts } from './posts.ts';
import { checkWritable, writeTokens } from './tokens.ts';

function say(what: string, detail: string): void {
  process.stdout.write(`  ${what.padEnd(16)} ${detail}\n`);
}

/** Runs one step and says what it made and how long it took. */
async function step(what: string, work: () => Promise<number>): Promise<void> {
  const started = performance.now();
  const count = await work();
  const seconds = (performance.now() - started) / 1000;
  say(what, `${count.toLocaleString('en').padStart(12)}   ${seconds.toFixed(1).padStart(6)} s`);
}

async function seed(): Promise<void> {
  const loaded = await loadConfiguration();
  const plan = parsePlan(process.argv.slice(2), loaded.posts.maxFollowing);
  if (plan.tokens !== undefined) await checkWritable(plan.tokens);
  const started = performance.now();
  const application = await openApplication(loaded);
  const client = new pg.Client({
    connectionString: application.databaseUrl,
    application_name: 'mainstay-seed',
  });
  try {
    await client.connect();
    process.stdout.write('\n');
    const password = randomBytes(9).toString('base64url');
    await client.query('BEGIN');
    await fill(client, application, plan, password);
    await client.query('COMMIT');
    // Without fresh statistics the first queries would be planned for empty tables.
    await client.query(
      'ANALYZE auth.users, auth.profile_counts, auth.sessions, posts.posts, posts.follows, posts.author_counts',
    );
    say('password of all', password);
    say('in all', `${((performance.now() - started) / 1000).toFixed(1)} s`);
    process.stdout.write('\n');
  } finally {
    await client.end();
    await application.close();
  }
}

async function fill(
  client: pg.Client,
  application: Application,
  plan: SeedPlan,
  password: string,
): Promise<void> {
  const hash = await application.hashPassword(password);
  const accounts = makeAccounts(plan.users, hash, application.keyOf);
  const users: SeededUser[] = accounts.map(({ id, username }) => ({ id, username }));
  const totals = new ProfileTotals(users);
  await step('users', () => insertAll(client, 'auth.users', accounts));
  await step('posts', () =>
    insertAll(
      client,
      'posts.posts',
      makePosts(plan.posts, users, (author) => totals.addPost(author)),
    ),
  );
  await step('follows', () =>
    insertAll(
      client,
      'posts.follows',
      makeFollows(plan.follows, users, application.maxFollowing, (follower, author) =>
        totals.addFollow(follower, author),
      ),
    ),
  );
  await totals.save(client);
  const { tokens } = plan;
  if (tokens === undefined) return;
  await step('access tokens', async () =>
    writeTokens(client, tokens, users, plan.maxTokens, await application.tokenIssuer()),
  );
}

/** Ends a run that failed: what the person at the terminal can mend is said without a stack. */
async function fail(error: unknown): Promise<void> {
  process.exitCode = 1;
  if (error instanceof UsageError) process.stderr.write(`${error.message}\n\n${USAGE}\n`);
  else if (error instanceof NotBuiltError) process.stderr.write(`${error.message}\n`);
  else {
    const { exitWithReason } =
      await built<typeof import('../../src/app/exit-with-reason.ts')>('app/exit-with-reason.js');
    await exitWithReason(error);
  }
}

try {
  await seed();
} catch (error) {
  await fail(error);
}
