import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SocketClient } from '../../scripts/socket-client.ts';
import { Client, eventually, type Account } from '../support/client.js';
import { deploy, type Deployment } from '../support/deployment.js';

describe('the journey of two users', () => {
  let deployment: Deployment;
  let client: Client;
  let ada: Account;
  let bob: Account;

  beforeAll(async () => {
    deployment = await deploy();
    client = new Client(deployment.url);
    [ada, bob] = await Promise.all([client.account('ada'), client.account('bob')]);
  });
  afterAll(() => deployment.stop());

  it('knows its own account, and shows others no e-mail address', async () => {
    const me = await client.get('/api/v1/users/me', ada.token);
    expect(me.body).toMatchObject({
      id: ada.id,
      username: ada.username,
      email: ada.email,
      roles: ['user'],
    });
    const seen = await client.get(`/api/v1/users/${ada.username.toUpperCase()}`);
    expect(seen.status).toBe(200);
    expect(seen.body).toEqual({
      id: ada.id,
      username: ada.username,
      displayName: ada.username,
      bio: '',
      avatarUrl: null,
      createdAt: me.body.createdAt,
      counts: { posts: 0, followers: 0, following: 0 },
    });
  });

  it('tells of a follow on the socket and keeps it as a notification', async () => {
    const socket = await SocketClient.open(deployment.url, ada.token);
    await socket.subscribe('notifications');
    expect((await client.follow(bob, ada)).status).toBe(204);
    const event = await socket.event('notification.created');
    expect(event).toMatchObject({
      topic: 'notifications',
      data: { type: 'follow', actor: { id: bob.id }, readAt: null },
    });
    // Following again is the same follow, and is not told again.
    expect((await client.follow(bob, ada)).status).toBe(204);
    const unread = await client.get('/api/v1/realtime/notifications?unread=true', ada.token);
    expect(unread.body.items).toEqual([event.data]);
    const read = await client.post(
      '/api/v1/realtime/notifications/read',
      { upTo: event.data.id },
      ada.token,
    );
    expect(read.body).toEqual({ marked: 1 });
    expect(
      (await client.get('/api/v1/realtime/notifications?unread=true', ada.token)).body.items,
    ).toEqual([]);
    const all = await client.get('/api/v1/realtime/notifications', ada.token);
    expect(all.body.items).toEqual([{ ...event.data, readAt: expect.any(String) }]);
    socket.close();
  });

  it('brings a post to the followers’ sockets and feeds, with its author', async () => {
    const socket = await SocketClient.open(deployment.url, bob.token);
    await socket.subscribe('feed');
    const answer = await client.post(
      '/api/v1/posts',
      { body: 'Hello, sockets.', tags: ['Greeting'] },
      ada.token,
    );
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/api/v1/posts/${answer.body.id}`);
    expect(answer.body).toMatchObject({
      author: { id: ada.id, username: ada.username },
      body: 'Hello, sockets.',
      kind: 'note',
      tags: ['greeting'],
      visibility: 'public',
      counts: { likes: 0, comments: 0, views: 0, bookmarks: 0 },
      viewer: { liked: false, bookmarked: false },
    });
    const event = await socket.event('post.created');
    expect(event).toMatchObject({
      topic: 'feed',
      data: { id: answer.body.id, author: { username: ada.username } },
    });
    const feed = await client.get('/api/v1/posts/feed', bob.token);
    expect(feed.body.items[0]).toMatchObject({
      id: answer.body.id,
      author: { username: ada.username },
      excerpt: 'Hello, sockets.',
    });
    expect(feed.body.items[0]).not.toHaveProperty('body');
    const detail = await client.get(`/api/v1/posts/${answer.body.id}`);
    expect(detail.body).toEqual(answer.body);
    socket.close();
  });

  it('answers 304 to who has the same bytes', async () => {
    const post = await client.write(ada);
    const first = await client.get(`/api/v1/posts/${post.id}`);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^".+"$/);
    const again = await client.get(`/api/v1/posts/${post.id}`, undefined, {
      'if-none-match': etag,
    });
    expect([again.status, again.text]).toEqual([304, '']);
    const head = await client.call('HEAD', `/api/v1/posts/${post.id}`);
    expect([head.status, head.headers.get('etag'), head.text]).toEqual([200, etag, '']);
    expect(
      (await client.get(`/api/v1/posts/${post.id}`, undefined, { 'if-none-match': '"other"' }))
        .status,
    ).toBe(200);
  });

  it('shows the numbers of an account on its profile', async () => {
    await eventually(async () => {
      const { body } = await client.get(`/api/v1/users/${ada.username}`);
      expect(body.counts).toEqual({ posts: 2, followers: 1, following: 0 });
    });
  });

  it('takes an author out of the feed when they are left', async () => {
    const socket = await SocketClient.open(deployment.url, bob.token);
    await socket.subscribe('feed');
    const path = `/api/v1/posts/authors/${ada.username}/follow`;
    expect((await client.call('DELETE', path, { token: bob.token })).status).toBe(204);
    await client.write(ada, 'Bob does not hear of this.');
    const own = await client.write(bob, 'Bob hears of this.');
    expect((await socket.event('post.created')).data.id).toBe(own.id);
    const feed = await client.get('/api/v1/posts/feed', bob.token);
    expect(feed.body.items.map((item: { id: string }) => item.id)).toEqual([own.id]);
    socket.close();
  });
});
