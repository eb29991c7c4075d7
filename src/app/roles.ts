import type { DynamicModule, Type } from '@nestjs/common';
import { AuthClientModule } from '../modules/auth/auth.client.js';
import { AuthModule, AuthWorkerModule } from '../modules/auth/auth.module.js';
import { PostsClientModule } from '../modules/posts/posts.client.js';
import { PostsModule, PostsWorkerModule } from '../modules/posts/posts.module.js';
import { RealtimeModule, RealtimeWorkerModule } from '../modules/realtime/realtime.module.js';

/** What a process is: which modules it runs, and which it reaches over the wire. */
export interface RoleDefinition {
  /** `XModule` serves here; `XClientModule` binds the same contract to another process. */
  modules: (Type | DynamicModule)[];
  /** Whether it works jobs and durable consumers. */
  worksJobs: boolean;
  /** Default public port. */
  port: number;
  /** The section of `rpc` under which others reach it; undefined for roles that nobody calls. */
  rpc?: 'auth' | 'posts';
}

/** Role → modules. Adding a module is one line here. */
export const roles = {
  all: {
    modules: [
      AuthModule,
      PostsModule,
      RealtimeModule,
      AuthWorkerModule,
      PostsWorkerModule,
      RealtimeWorkerModule,
    ],
    worksJobs: true,
    port: 3000,
  },
  auth: { modules: [AuthModule], worksJobs: false, port: 8080, rpc: 'auth' },
  posts: { modules: [PostsModule, AuthClientModule], worksJobs: false, port: 8081, rpc: 'posts' },
  realtime: {
    modules: [RealtimeModule, AuthClientModule, PostsClientModule],
    worksJobs: false,
    port: 8082,
  },
  worker: {
    modules: [AuthWorkerModule, PostsWorkerModule, RealtimeWorkerModule, AuthClientModule],
    worksJobs: true,
    port: 8083,
  },
} as const satisfies Record<string, RoleDefinition>;

export type Role = keyof typeof roles;
