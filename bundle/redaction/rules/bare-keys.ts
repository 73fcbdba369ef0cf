import type { RedactionRule } from '../rule.ts';

/**
 * Keys without the lines around them: base64 of what DER begins with. PKCS #12 (RFC 7292), PKCS #8 of RSA, EC and Ed25519
 * (RFC 5958), PKCS #1 (RFC 8017), SEC 1 (RFC 5915). The length of two bytes is the part that varies.
 */
const beginnings = [
  'MII[A-Za-z0-9+/]{2}[AQgw]IB(?:AzCC|ADANBgkqhkiG9w0BAQEF|AAKC)',
  'MIGHAgEAMBMGByqGSM49',
  'MIG2AgEAMBAGByqGSM49',
  'MHcCAQEE',
  'MC4CAQAwBQYDK2Vw',
];

/** Private keys as values of settings and of JSON, in base64 of one line. */
export const bareKeyRules: readonly RedactionRule[] = [
  {
    name: 'bare-private-key',
    pattern: new RegExp(`(?<![A-Za-z0-9+/])(?<secret>(?:${beginnings.join('|')})[A-Za-z0-9+/]{24,}={0,2})`, 'g'),
    hints: ['ibazcc', 'nbgkqhkig', 'ibaakc', 'hageambmgbyq', 'mig2ageamb', 'mhccaqee', 'mc4caqawbqydk2vw'],
    positive: [
      ['certificateData: MIIJqQIBAzCCCW8GCSqGSIb3DQEHAaCCCWAEgglcMII', 'MIIJqQIBAzCCCW8GCSqGSIb3DQEHAaCCCWAEgglcMII'],
      [
        'x=MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7',
        'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7',
      ],
      ['{"k":"MIIEowIBAAKCAQEAx4UbaDzY5xjW6hc9jwN0mX33XpTDVW"}', 'MIIEowIBAAKCAQEAx4UbaDzY5xjW6hc9jwN0mX33XpTDVW'],
      ['k MHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY and', 'MHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY'],
    ],
    negative: [
      'MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYD',
      'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA',
    ],
  },
];
