import type { Pool } from 'pg';

/**
 * From here on the commit of a new post takes this long, so that a test can kill whoever waits for
 * it: PostgreSQL commits all the same, and nobody is there to say so.
 *
 * @returns how to end it
 */
export async function slowCommits(pool: Pool, ms: number): Promise<() => Promise<void>> {
  await pool.query(`
    CREATE FUNCTION public.linger() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_sleep(${ms / 1000}); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER linger AFTER INSERT ON posts.posts DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION public.linger()`);
  return async () => {
    await pool.query('DROP FUNCTION public.linger CASCADE');
  };
}
