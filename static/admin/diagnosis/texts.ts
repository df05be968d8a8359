import { type CheckName, type CheckState, checkNames, type Finding } from '../../../src/domain/diagnosis';

/** Every word of the diagnosis page but what the checks themselves find. */
export const diagnosisTexts = {
  title: 'Diagnosis',
  intro:
    'What Jira, the gateway and the way between them really do on this site. Nothing is changed by looking. The longest check takes about twenty seconds.',
  checks: 'Checks',
  runAgain: 'Run again',
  copy: 'Copy as text',
  copied: 'Copied',
  copyHint:
    'The browser does not let this page copy. The text is shown below: select it, and copy it with the keyboard.',
  asText: 'The diagnosis as text',
  next: (step: string) => `Next step: ${step}`,
  running: 'Checking',
  progress: (done: number) => `${done} of ${checkNames.length} checks are done.`,
  noAnswer: 'No answer',
  noAnswerReason: 'The page could not ask: Letterbox did not answer, or was ended before it could.',
  noAnswerStep: 'Check your connection to the network, and run this again.',
  refused: 'It could not be looked at',
  refusedStep: 'Run this again when that is over.',
  noResult: 'No result within 30 seconds',
  installation: 'This installation',
  appVersion: 'Version of the app',
  environment: 'Environment',
  appId: 'Id of the app (GATEWAY_AUDIENCE of the gateway)',
  installationId: 'Id of the installation',
  callbackUrl: 'Callback URL for Google and Microsoft',
  nodeVersion: 'Node.js of the functions',
  notKnown: 'Not known',
  loading: 'Loading the facts of this installation',
  loadFailed: 'The facts of this installation could not be loaded',
  retry: 'Try again',
} as const;

export const checkTexts: Readonly<Record<CheckName, { name: string; explained: string }>> = {
  gateway: {
    name: 'Gateway',
    explained: 'Whether Letterbox reaches the gateway, how fast, and whether the gateway lets it in.',
  },
  bytes: { name: 'Binary answers', explained: 'Whether bytes come from the gateway as they were sent.' },
  time: { name: 'Time of a call', explained: 'How long a call to the gateway may take before something ends it.' },
  clock: { name: 'Clocks', explained: 'Whether Letterbox, the gateway and Jira agree on the time.' },
  scopes: { name: 'Permissions', explained: 'Whether this site granted all that Letterbox asks for.' },
  hosts: { name: 'Hosts', explained: 'Whether Letterbox may send requests to Google, Microsoft and where alerts go.' },
  polls: {
    name: 'Planned polls',
    explained: 'Whether Jira runs Letterbox every five minutes, by the polls that come of it.',
  },
  storage: { name: 'Storage lists', explained: 'How soon a list shows what was just saved.' },
  search: { name: 'Jira’s search', explained: 'How soon search finds an issue that Letterbox made.' },
};

export const stateTexts: Readonly<Record<CheckState, string>> = {
  good: 'Good',
  attention: 'Look at this',
  failed: 'Failed',
  unknown: 'Not known',
};

const checks = (count: number) => (count === 1 ? '1 check' : `${count} checks`);

/** "All 9 checks are good.", or how many are what, the worst first. */
export function summary(findings: readonly Finding[]): string {
  const count = (state: CheckState) => findings.filter((finding) => finding.state === state).length;
  if (count('good') === findings.length) return `All ${checks(findings.length)} are good.`;
  const parts = [
    [count('failed'), 'failed'],
    [count('attention'), 'to look at'],
    [count('unknown'), 'not known'],
    [count('good'), 'good'],
  ] as const;
  return `Done: ${parts.flatMap(([number, word]) => (number > 0 ? [`${number} ${word}`] : [])).join(', ')}.`;
}

/**
 * What is shown of a check that came to no finding. Where Letterbox did answer, its words have the reason, which is none of the network.
 * @param code `late` after the page's own time
 */
export function withoutFinding({ code, message }: { code: string; message: string }): Finding {
  const texts = diagnosisTexts;
  if (code !== 'late' && code !== 'no-answer')
    return { state: 'failed', value: texts.refused, reason: message, step: texts.refusedStep };
  const value = code === 'late' ? texts.noResult : texts.noAnswer;
  return { state: 'failed', value, reason: texts.noAnswerReason, step: texts.noAnswerStep };
}

export type InstallationFact = readonly [label: string, value: string | null];

/** For a support request. @param at when the checks ended */
export function asText(
  findings: Readonly<Partial<Record<CheckName, Finding>>>,
  installation: readonly InstallationFact[],
  at: Date,
): string {
  const lines = checkNames.flatMap((check) => {
    const finding = findings[check];
    if (finding === undefined) return [];
    const { state, value, reason, step } = finding;
    const more = [reason, step === null ? null : diagnosisTexts.next(step)];
    return [
      `[${stateTexts[state]}] ${checkTexts[check].name}: ${value}`,
      ...more.flatMap((line) => line ?? []).map((line) => `    ${line}`),
    ];
  });
  const facts = installation.map(([label, value]) => `${label}: ${value ?? diagnosisTexts.notKnown}`);
  return [`Letterbox, diagnosis of ${at.toISOString()}`, '', ...lines, '', ...facts, ''].join('\n');
}
