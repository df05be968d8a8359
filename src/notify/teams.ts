import type { Notice } from '../domain/notice';
import {
  footer,
  linkOf,
  noticeTitle,
  overText,
  overTitle,
  overviewOf,
  shareOf,
  shownOf,
  testText,
  utcTime,
} from '../domain/notice-text';
import { cutText } from '../domain/text';

/** Teams takes messages of about 28 KB; this many characters of text stay below it with everything around them. */
const messageChars = 9_000;

type Element = { type: string } & Record<string, unknown>;

/** The body that the trigger "When a Teams webhook request is received" of a workflow expects: one adaptive card. */
export interface TeamsMessage {
  type: 'message';
  attachments: { contentType: string; contentUrl: null; content: Element }[];
}

/** A notice as an adaptive card of version 1.4, which Teams shows on every device. */
export function teamsMessage(notice: Notice): TeamsMessage {
  const { began, ended, more } = shownOf(notice);
  const each = Math.floor(messageChars / Math.max(began.length + ended.length, 1));
  const body: Element[] = [
    line([{ text: noticeTitle(notice), size: 'Medium', weight: 'Bolder' }]),
    ...(notice.isTest ? [line([{ text: testText }])] : []),
    ...began.flatMap((incident) => {
      const { title, text, since } = incident;
      const { chars, link } = shareOf(each, linkOf(notice, incident) ?? '');
      return [
        line([{ text: title, weight: 'Bolder', color: 'Attention', ...opens(link) }], 'Medium'),
        line([{ text: cutText(`Since ${utcTime(since)}. ${text}`, chars) }], 'None'),
      ];
    }),
    ...ended.flatMap((note) => [
      line(
        [
          {
            text: `Over: ${overTitle(note)}`,
            weight: 'Bolder',
            color: 'Good',
            ...opens(shareOf(each, linkOf(notice, note) ?? '').link),
          },
        ],
        'Medium',
      ),
      line([{ text: overText(note) }], 'None'),
    ]),
    ...(more === null ? [] : [line([{ text: more }], 'Medium')]),
    line([{ text: footer(notice), isSubtle: true, size: 'Small' }], 'Medium'),
  ];
  const overview = overviewOf(notice);
  const content: Element = {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.4',
    body,
    ...(overview !== null && { actions: [{ type: 'Action.OpenUrl', title: 'Open Letterbox', url: overview }] }),
    msteams: { width: 'Full' },
  };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  };
}

/** What makes a run of text lead to a page. */
const opens = (url: string) => (url === '' ? {} : { selectAction: { type: 'Action.OpenUrl', url } });

/** A run of text means what it says; a text block would read Markdown in the name of a connection. */
const line = (runs: Record<string, unknown>[], spacing: 'None' | 'Medium' = 'None'): Element => ({
  type: 'RichTextBlock',
  spacing,
  inlines: runs.map((run) => ({ type: 'TextRun', ...run })),
});

/** What the refusals of Power Automate mean. */
export function teamsRefusal(status: number, answer: string): string | null {
  if (status === 401 || status === 403) {
    return 'The workflow refuses whoever has no sign-in, or its URL is not complete. In its trigger choose “Anyone”, and copy the URL again.';
  }
  if (status === 404 || status === 410 || /WorkflowNotFound|WorkflowTriggerNotFound/i.test(answer)) {
    return 'This workflow does not exist any more. Create a new one in Teams and paste its URL here.';
  }
  if (/WorkflowTriggerIsNotEnabled|WorkflowDisabled/i.test(answer)) {
    return 'This workflow is switched off. Turn it on in Teams under Workflows.';
  }
  return null;
}
