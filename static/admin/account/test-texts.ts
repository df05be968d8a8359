import type { CheckStepName } from '../../../src/domain/ports';

/** Every word of a test of a connection. */

export const stepTexts: Record<CheckStepName, string> = {
  lookup: 'Look up the host name',
  connect: 'Connect',
  tls: 'Secure the connection',
  'sign-in': 'Sign in',
  folder: 'Open the folder',
  count: 'Count the messages',
};

export const testTexts = {
  title: (name: string) => `Test of ${name}`,
  run: 'Test connection',
  running: 'Testing the connection',
  again: 'Test again',
  passed: 'The connection works',
  failed: (step: string) => `The test stopped at: ${step}`,
  callFailed: 'The test could not be run',
  counted: (total: number, unread: number | null) => {
    const messages = total === 1 ? '1 message' : `${total} messages`;
    return unread === null ? `${messages} in the mailbox.` : `${messages} in the folder, ${unread} of them unread.`;
  },
  notReached: 'Not reached',
  took: (ms: number) => (ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`),
  ok: 'Passed',
  notOk: 'Failed',
  close: 'Close',
} as const;

/** The words for a step that the app names; a step that this page does not know keeps its own name. */
export function stepName(step: string): string {
  return Object.entries(stepTexts).find(([name]) => name === step)?.[1] ?? step;
}
