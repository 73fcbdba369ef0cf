import type { Setting } from './setting.ts';

/** What every program of a site goes by, and media. */
export const siteSettings = {
  'site.name': { kind: 'text', default: 'site', doc: 'Name of the site; part of every bundle’s name.' },
  'log.level': {
    kind: 'text',
    default: 'info',
    oneOf: ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
    doc: 'Level of the program’s own log.',
  },
  'media.devices': {
    kind: 'texts',
    default: [],
    doc: 'Serial numbers and volume ids, as `sextant drives` shows them, of the media that bundles may be exported to; when empty, any by the command and none over the API.',
  },
  'media.approvers': {
    kind: 'texts',
    default: [],
    doc: 'Who may approve an export: `NAME=KEY` with a minisign public key, or `NAME` alone for approval over the API; docs/media.md.',
  },
  'media.approvals': {
    kind: 'integer',
    default: 0,
    min: 0,
    max: 10,
    doc: 'How many of media.approvers, other than the person who exports, must have signed or approved a bundle before it is exported; 1 for two persons.',
  },
} as const satisfies Record<string, Setting>;
