import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';
import { declaredFlags, type Flag } from './define-flag.js';

const settingsOf = (flag: Flag) =>
  z
    .strictObject({
      enabled: z.boolean().default(flag.default).meta({ description: flag.description }),
      tenants: z
        .array(z.string().min(1))
        .default([])
        .meta({ description: 'On for these tenants only; empty: for all.' }),
      percentage: z.number().min(0).max(100).default(100).meta({
        description:
          'On for this share of the users, or of the tenants where there is no user. Who is in stays in while it grows.',
      }),
    })
    .prefault({});

/** The feature flags: one key for each that the code declares. Read again while the process runs. */
export const flagsConfig = defineSection('flags', () =>
  Object.fromEntries(declaredFlags().map((flag) => [flag.name, settingsOf(flag)])),
);
export type FlagsConfig = ConfigOf<typeof flagsConfig>;
export type FlagSettings = FlagsConfig[string];

/** How the files of the configuration are watched. */
export const reloadConfig = defineSection('reload', {
  seconds: z.number().min(0.05).max(3600).default(5).meta({
    description:
      'How often the files of the configuration are looked at for what is read again while running: the section `flags`.',
  }),
});
export type ReloadConfig = ConfigOf<typeof reloadConfig>;
