import type { Finding } from '../domain/diagnosis';
import { diagnosisLimits as limits, searchLagMs } from '../domain/limits';
import type { DiagnosisPorts } from './diagnosis-ports';
import { attention, duration, failed, good, unknown } from './findings';

/** How long a query does not list what was written: writes a record of its own, and removes it. */
export async function checkStorage({
  query,
  newId,
  now,
  sleep,
}: Pick<DiagnosisPorts, 'query' | 'newId' | 'now' | 'sleep'>): Promise<Finding> {
  const id = newId();
  try {
    await query.write(id);
    const writtenAt = now();
    for (let looks = 0; looks < limits.queryLooks; looks += 1) {
      if (looks > 0) await sleep(limits.queryMs / limits.queryLooks);
      if (!(await query.lists(id))) continue;
      const tookMs = now() - writtenAt;
      const seen = `Listed at most ${duration(tookMs)} after it was written`;
      return tookMs < limits.queryGoodMs ? good(seen) : attention(seen, lagging);
    }
    return attention(`Not listed within ${duration(limits.queryMs)}`, lagging);
  } finally {
    await query.remove(id);
  }
}

const lagging = {
  reason:
    'Lists may lack for so long what was just saved. Nothing is lost: what was saved is read by its name wherever that matters.',
};

/** How long Jira's search does not know of an issue, by the newest that Letterbox made: it makes none for this. */
export async function checkSearch(
  ports: Pick<DiagnosisPorts, 'issues' | 'activity' | 'now' | 'sleep'>,
): Promise<Finding> {
  const { issues, activity, now, sleep } = ports;
  const { entries } = await activity.list({ result: 'created' });
  for (const { id, issueKey, at } of entries.slice(0, limits.issues)) {
    if (issueKey === null) continue;
    for (let looks = 0; looks < limits.searchLooks; looks += 1) {
      if (looks > 0) await sleep(limits.searchMs / limits.searchLooks);
      if ((await issues.findByOrigin(id)) !== null) return found(issueKey, now() - at);
      // Older than this it is not going to be found in the next seconds.
      if (now() - at > searchLagMs) break;
    }
    // What somebody deleted says nothing of search.
    if ((await issues.attachments(issueKey)) !== null) return notFound(issueKey, now() - at);
  }
  if (entries.length > 0)
    return unknown('The newest issues are not there', {
      reason: 'The newest issues that Letterbox made are gone, or it may not see them any more.',
      step: 'Send a mail to a connected mailbox, and run this again when its issue is there.',
    });
  return unknown('No issue was made yet', {
    reason: 'It is measured by the newest issue that Letterbox made, and it makes none for this.',
    step: 'Send a mail to a connected mailbox, and run this again when its issue is there.',
  });
}

function found(issueKey: string, ageMs: number): Finding {
  if (ageMs <= searchLagMs) return good(`${issueKey} was found at most ${duration(ageMs)} after it was made`);
  return unknown(`${issueKey} is found, and was made ${duration(ageMs)} ago`, {
    reason: 'Search works. How soon it knows a new issue can’t be said by one that is so old.',
    step: 'Send a mail to a connected mailbox, and run this again as soon as its issue is there.',
  });
}

function notFound(issueKey: string, ageMs: number): Finding {
  const seen = `${issueKey} is not found ${duration(ageMs)} after it was made`;
  if (ageMs <= searchLagMs)
    return attention(seen, {
      reason: `Letterbox allows Jira’s search ${duration(searchLagMs)}.`,
      step: 'Run this again in a minute.',
    });
  return failed(seen, {
    reason: `Jira’s search lags by more than the ${duration(searchLagMs)} that Letterbox allows for, or does not index its issue property. If a poll is ended at the wrong moment, a mail may become two issues.`,
    step: 'Run this again in an hour. If it stays, have the app deployed again, so that Jira indexes the property anew, and tell Atlassian’s support.',
  });
}
