import { route } from '@forge/api';
import * as z from 'zod';
import { requestJira } from './request';

const timeoutMs = 8_000;
const answerSchema = z.object({ serverTime: z.string() });

/** Jira's clock (`GET /rest/api/3/serverInfo`), in epoch milliseconds; null when Jira does not tell. */
export async function serverTime(): Promise<number | null> {
  try {
    const { body } = await requestJira(route`/rest/api/3/serverInfo`, { timeoutMs });
    // Jira writes the zone without a colon: 2026-01-31T12:00:00.000+0000.
    const at = Date.parse(answerSchema.parse(body).serverTime.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
    return Number.isNaN(at) ? null : at;
  } catch {
    return null;
  }
}
