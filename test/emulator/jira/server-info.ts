import { type Exchange, json } from './exchange';

/** What Jira says of itself; its address has no path, also where the emulated one is served below one. */
export const serverInfo = ({ settings, now }: Exchange) =>
  json(200, {
    baseUrl: new URL(settings.siteUrl).origin,
    version: '1001.0.0-SNAPSHOT',
    versionNumbers: [1001, 0, 0],
    deploymentType: 'Cloud',
    buildNumber: 100_300,
    buildDate: '2026-11-01T00:00:00.000+0000',
    serverTime: new Date(now).toISOString().replace('Z', '+0000'),
    scmInfo: '0000000000000000000000000000000000000000',
    serverTitle: 'Jira',
    defaultLocale: { locale: 'en_US' },
  });
