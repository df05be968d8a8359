import { AppError, toAppError } from '../domain/app-error';
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

/**
 * Attaches what is not `there` yet, and says in a comment what Jira refused, once.
 * @throws AppError `attach-refused` (message): Jira takes no files of the app's, until somebody allows it
 */
export async function attachAll(
  ports: IntakePorts,
  { origin, trace, progress }: Attaching,
  attachments: readonly Attachment[],
  there: readonly { fileName: string; size: number }[],
): Promise<void> {
  const { issueKey } = progress;
  const refused: string[] = [];
  let notAllowed: AppError | null = null;
  for (const attachment of attachments) {
    const { fileName, content } = attachment;
    if (there.some((one) => one.fileName === fileName && one.size === content.byteLength)) continue;
    const error: AppError | null = notAllowed ?? (await attach(ports, issueKey, attachment));
    if (error === null) continue;
    // Deleted meanwhile: it was seen a moment ago.
    if (error.code === 'issue-gone') return;
    // As it says of one file it says of all.
    if (error.code === 'attach-refused') notAllowed = error;
    else if (error.kind !== 'message') throw error;
    refused.push(`${fileName}: ${error.message}`);
  }
  trace.add({ step: 'attached', files: attachments.length - refused.length, refused: refused.length });
  if (refused.length > 0 && !progress.noted) {
    // Noted first: a comment that is missing can be made good by a look at the mail, one that is there twice annoys.
    await ports.receipts.put(origin, Object.assign(progress, { noted: true }));
    await comment(ports, issueKey, `Not everything in this mail could be attached.\n${refused.join('\n')}`);
  }
  if (notAllowed !== null) throw notAllowed;
}

/** Why Jira did not take a file; null if it did. "Not found" is believed of an issue that cannot be read any more either. */
async function attach(ports: IntakePorts, issueKey: string, attachment: Attachment): Promise<AppError | null> {
  try {
    await ports.issues.attach(issueKey, attachment);
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
