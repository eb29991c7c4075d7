import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, type Account, type Json } from '../support/client.js';
import { deploy, type Deployment } from '../support/deployment.js';

describe('posts', () => {
  let deployment: Deployment;
  let client: Client;
  let ada: Account;
  let bob: Account;
  let eve: Account;

  beforeAll(async () => {
    deployment = await deploy();
    client = new Client(deployment.url);
    [ada, bob, eve] = await Promise.all([
      client.account('ada'),
      client.account('bob'),
      client.account('eve'),
    ]);
    await client.follow(bob, ada);
  });
  afterAll(() => deployment.stop());

  const ids = (answer: { body: Json }) => answer.body.items.map((item: Json) => item.id);

  it('shows each visibility to whom it is for, and 404 to all others', async () => {
    const posts: Record<string, Json> = {};
    for (const visibility of ['public', 'followers', 'private']) {
      posts[visibility] = await client.write(ada, `For ${visibility}.`, { visibility });
    }
    const seenBy = async (token?: string) => {
      const statuses = Object.entries(posts).map(async ([visibility, { id }]) => {
        const { status } = await client.get(`/api/v1/posts/${id}`, token);
        return status === 200 ? visibility : status;
      });
      return Promise.all(statuses);
    };
    expect(await seenBy(ada.token)).toEqual(['public', 'followers', 'private']);
    expect(await seenBy(bob.token)).toEqual(['public', 'followers', 404]);
    expect(await seenBy(eve.token)).toEqual(['public', 404, 404]);
    expect(await seenBy()).toEqual(['public', 404, 404]);

    const listed = async (token?: string) =>
      ids(await client.get(`/api/v1/posts?author=${ada.username}`, token));
    const [pub, followers, priv] = ['public', 'followers', 'private'].map((key) => posts[key].id);
    expect(await listed(ada.token)).toEqual([priv, followers, pub]);
    expect(await listed(bob.token)).toEqual([followers, pub]);
    expect(await listed()).toEqual([pub]);
    expect(ids(await client.get('/api/v1/posts/feed', bob.token))).toEqual([followers, pub]);
    expect(ids(await client.get('/api/v1/posts', bob.token))).toEqual([pub]);
  });

  it('pages through lists and feeds by keyset, each post once, newest first', async () => {
    const author = await client.account('writer');
    const reader = await client.account('reader');
    await client.follow(reader, author);
    const written: string[] = [];
    for (let n = 0; n < 7; n++) written.unshift((await client.write(author, `Post ${n}.`)).id);
    for (const path of [
      `/api/v1/posts?author=${author.username}&limit=3`,
      '/api/v1/posts/feed?limit=3',
    ]) {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const next: string = cursor ? `&cursor=${cursor}` : '';
        const page = await client.get(`${path}${next}`, reader.token);
        expect(page.status).toBe(200);
        seen.push(...ids(page));
        cursor = page.body.nextCursor;
      } while (cursor);
      expect(seen).toEqual(written);
    }
  });

  it('I12 refuses forged cursors and limits out of bounds', async () => {
    const { body } = await client.get('/api/v1/posts?limit=1');
    const cursor = String(body.nextCursor);
    const forged = cursor.slice(0, -1) + (cursor.endsWith('A') ? 'B' : 'A');
    for (const query of [
      `cursor=${forged}`,
      'cursor=%27%20OR%201=1',
      `author=${ada.username}&cursor=${cursor}`,
    ]) {
      const answer = await client.get(`/api/v1/posts?${query}`);
      expect([answer.status, answer.body.code]).toEqual([400, 'invalid_cursor']);
    }
    for (const query of [
      'limit=0',
      'limit=101',
      'limit=1e9',
      'limit=-1',
      'limit=NaN',
      'limit=5&limit=6',
      'sorted=yes',
    ]) {
      expect((await client.get(`/api/v1/posts?${query}`)).status).toBe(400);
    }
  });

  it('I6, I7 keeps what looks like SQL or HTML as the text that it is', async () => {
    const body = `<script>alert(1)</script>'; DROP TABLE posts.posts; --`;
    const post = await client.write(ada, body);
    expect((await client.get(`/api/v1/posts/${post.id}`)).body.body).toBe(body);
    expect(
      (await client.get(`/api/v1/posts?author=${encodeURIComponent("' OR 1=1 --")}`)).body.items,
    ).toEqual([]);
  });

  it('cuts the excerpt at 280 characters, never within one', async () => {
    const post = await client.write(ada, `${'x'.repeat(279)}🙂 and more`);
    const { body } = await client.get(`/api/v1/posts?author=${ada.username}&limit=1`);
    expect(body.items[0]).toMatchObject({ id: post.id, excerpt: 'x'.repeat(279) });
  });

  it('refuses to follow oneself or nobody', async () => {
    expect((await client.follow(ada, ada)).body.code).toBe('cannot_follow_self');
    expect((await client.follow(ada, { ...ada, username: 'nobody_here' })).status).toBe(404);
  });
});
