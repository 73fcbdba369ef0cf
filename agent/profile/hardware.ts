import { Type } from 'typebox';
import { textPattern } from '../../config/text-pattern.ts';
import { HttpsUrl } from './addresses.ts';
import { closed, createSection, Duration, NamedList } from './section.ts';

/** Anything in here is asked through a program or the network, each at an interval of its own. */
const asked = () => closed({ enabled: Type.Boolean({ reach: 'programs' }), every: Duration({ minimum: 5_000 }) });

const minute = 60_000;

const RedfishEndpoint = closed({
  /** Stable name of the BMC; part of every hw.id. */
  name: Type.String({
    pattern: textPattern(
      '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
      'must be made of letters, digits, dots, hyphens and underscores, begin with a letter or digit, with 64 characters at most',
    ),
  }),
  enabled: Type.Optional(Type.Boolean()),
  /** `https://192.0.2.10`, where a password goes. */
  url: HttpsUrl({ reach: 'secrets' }),
  /** PEM file of the authority that signed the BMC's certificate. */
  ca: Type.Optional(Type.String({ reach: 'secrets' })),
  /** SHA-256 of the BMC's own certificate, instead of an authority. */
  fingerprint: Type.Optional(
    Type.String({
      pattern: textPattern(
        '^([0-9A-Fa-f]{2}:?){32}$',
        'must be a SHA-256 fingerprint: 32 times two of 0-9 and A-F, with or without colons',
      ),
      reach: 'secrets',
    }),
  ),
  /** YAML file with username and password, readable by its owner alone. */
  credentials: Type.String({ minLength: 1, reach: 'secrets' }),
  every: Type.Optional(Duration({ minimum: 10_000 })),
});

/** Sensors, power supplies, memory errors, disk health, GPUs, UPSes, BMCs. */
export const hardware = createSection(
  closed({
    enabled: Type.Boolean(),
    disks: asked(),
    gpus: asked(),
    ups: asked(),
    ipmi: asked(),
    redfish: NamedList(RedfishEndpoint),
  }),
  {
    enabled: false,
    // Reading a disk's health costs it some I/O latency.
    disks: { enabled: true, every: 60 * minute },
    gpus: { enabled: true, every: minute / 2 },
    ups: { enabled: true, every: minute },
    // Loads the BMC; where it shows anything that hwmon does not is for the site to say.
    ipmi: { enabled: false, every: minute },
    redfish: [],
  },
);
