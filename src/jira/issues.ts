import { route } from '@forge/api';
import * as z from 'zod';
import type { IssueDraft, Issues } from '../domain/ports';
import { attach, attachmentsOf } from './attachments';
import { createError, issueError } from './errors';
import { issueSearch, propertyKey } from './find-issue';
import { patiently } from './patience';
import { type AskJira, requestJira } from './request';
import { writePace } from './write-pace';

const created = z.object({ key: z.string().min(1) });

/** Turns mail into Jira's document format; loaded with the first mail, since most polls find none. */
const description = () => import('./description');

interface IssueDeps {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after that many milliseconds. */
  sleep(milliseconds: number): Promise<void>;
}

/** Issues through Jira Cloud's REST API (version 3), as the app, at the pace that Jira allows. */
export function jiraIssues(deps: IssueDeps): Issues {
  const ask = patiently(requestJira, deps.sleep);
  const { pace, wrote } = writePace(deps);
  return {
    ...issueSearch(ask),
    showsWhole,
    create: async (draft) => {
      const key = await create(ask, draft);
      wrote(key);
      return key;
    },
    attachments: (issueKey) => attachmentsOf(ask, issueKey),
    attach: (issueKey, attachments) => pace(issueKey, () => attach(ask, issueKey, attachments)),
    comment: (issueKey, text) => pace(issueKey, () => comment(ask, issueKey, text)),
  };
}

async function create(ask: AskJira, draft: IssueDraft): Promise<string> {
  const answer = await ask(route`/rest/api/3/issue`, {
    method: 'POST',
    json: await createBody(draft),
    hasEffect: true,
  });
  const parsed = created.safeParse(answer.body);
  // A success without a key is an answer that was cut or replaced on its way: the issue may well exist.
  if (answer.status !== 201 || !parsed.success) throw createError(answer);
  return parsed.data.key;
}

/** The body of `POST /rest/api/3/issue`. */
export async function createBody(draft: IssueDraft) {
  const { describe } = await description();
  return {
    fields: {
      project: { id: draft.projectId },
      issuetype: { id: draft.issueTypeId },
      summary: draft.summary,
      description: describe(draft).document,
    },
    properties: [
      {
        key: propertyKey,
        value: { origin: draft.origin, messageId: draft.messageId, connectionId: draft.connectionId },
      },
    ],
  };
}

async function showsWhole(draft: IssueDraft): Promise<boolean> {
  const { describe } = await description();
  return !describe(draft).truncated;
}

async function comment(ask: AskJira, issueKey: string, text: string): Promise<void> {
  const { plainDocument } = await description();
  const answer = await ask(route`/rest/api/3/issue/${issueKey}/comment`, {
    method: 'POST',
    json: { body: plainDocument(text) },
    hasEffect: true,
  });
  if (!answer.ok) throw issueError(answer, issueKey);
}
