import { AppError, toAppError } from '../domain/app-error';
import { jiraLimits } from '../domain/limits';
import type { Attachment } from '../domain/message';
import type { Created, Origin } from '../domain/receipt';
import type { IntakePorts } from './intake-ports';
import type { Trace } from './trace';

interface Attaching {
  origin: Origin;
  trace: Trace;
  /** The issue; `noted` becomes true when the comment about what is missing was begun. */
  progress: Created;
}

/** What is attached to an issue. */
type There = readonly { fileName: string; size: number }[];

/**
 * Attaches what is not `there` yet, and says in a comment what Jira refused, once. Few requests: Jira counts writes to an issue.
 * @throws AppError `attach-refused` (message): Jira takes no files of the app's, until somebody allows it
 */
export async function attachAll(
  ports: IntakePorts,
  { origin, trace, progress }: Attaching,
  attachments: readonly Attachment[],
  there: There,
): Promise<void> {
  const { issueKey } = progress;
  const refused: string[] = [];
  let notAllowed: AppError | null = null;
  const groups = grouped(missingOf(attachments, there));
  for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
    const error: AppError | null = notAllowed ?? (await attach(ports, issueKey, group));
    if (error === null) continue;
    // Deleted meanwhile: it was seen a moment ago.
    if (error.code === 'issue-gone') return;
    // As it says of one file it says of all.
    if (error.code === 'attach-refused') notAllowed = error;
    else if (error.kind !== 'message') throw error;
    else if (group.length > 1) {
      // One of these is refused, and Jira does not say which, nor whether it took others: each goes by itself.
      const now = await ports.issues.attachments(issueKey);
      if (now === null) return;
      const missing = missingOf(attachments, now).filter((one) => group.includes(one));
      groups.unshift(...missing.map((one) => [one]));
      continue;
    }
    refused.push(...group.map(({ fileName }) => `${fileName}: ${error.message}`));
  }
  trace.add({ step: 'attached', files: attachments.length - refused.length, refused: refused.length });
  if (refused.length > 0 && !progress.noted) {
    // Noted first: a comment that is missing can be made good by a look at the mail, one that is there twice annoys.
    await ports.receipts.put(origin, Object.assign(progress, { noted: true }));
    await comment(ports, issueKey, `Not everything in this mail could be attached.\n${refused.join('\n')}`);
  }
  if (notAllowed !== null) throw notAllowed;
}

/** Those that are not there. Files of one mail have different names. */
const missingOf = (attachments: readonly Attachment[], there: There): Attachment[] =>
  attachments.filter(
    ({ fileName, content }) => !there.some((one) => one.fileName === fileName && one.size === content.byteLength),
  );

/** The files that go in one request each. */
function grouped(attachments: readonly Attachment[]): Attachment[][] {
  const groups: Attachment[][] = [];
  let bytes = 0;
  for (const attachment of attachments) {
    const group = groups.at(-1);
    bytes += attachment.content.byteLength;
    if (group !== undefined && group.length < jiraLimits.filesARequest && bytes <= jiraLimits.uploadBytes) {
      group.push(attachment);
    } else {
      groups.push([attachment]);
      bytes = attachment.content.byteLength;
    }
  }
  return groups;
}

/** Why Jira did not take these files; null if it did. "Not found" is believed of an issue that cannot be read any more either. */
async function attach(ports: IntakePorts, issueKey: string, group: readonly Attachment[]): Promise<AppError | null> {
  try {
    await ports.issues.attach(issueKey, group);
    return null;
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code !== 'issue-gone' || (await ports.issues.attachments(issueKey)) === null) return error;
    return new AppError(
      'attach-refused',
      'message',
      `Jira says that there is no ${issueKey} to attach files to, although Letterbox can read it. Allow attachments in Jira's settings, and give the app the permission to create attachments in the project.`,
      { cause: error, detail: error.detail },
    );
  }
}

/** The issue stands without it, too. */
async function comment(ports: IntakePorts, issueKey: string, text: string): Promise<void> {
  try {
    await ports.issues.comment(issueKey, text);
  } catch (thrown) {
    const { kind, code } = toAppError(thrown);
    if (kind !== 'access' && kind !== 'message') throw thrown;
    ports.log('warn', 'comment-refused', { issueKey, code });
  }
}
