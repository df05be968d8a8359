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

/** Slack's limits on a message (https://docs.slack.dev/reference/block-kit/blocks): characters, and blocks of one message. */
const sectionChars = 3_000;
const headerChars = 150;
/** Slack cuts a message whose blocks hold more text than this in all, and refuses one that is much longer. */
const messageChars = 9_000;

interface Block {
  type: string;
  [field: string]: unknown;
}

/** A notice as the body of a request to an incoming webhook: `text` is what notifications show, `blocks` what the channel does. */
export function slackMessage(notice: Notice): { text: string; blocks: Block[] } {
  const { began, ended, more } = shownOf(notice);
  const each = Math.min(sectionChars, Math.floor(messageChars / Math.max(began.length + ended.length, 1)));
  const title = noticeTitle(notice);
  const blocks: Block[] = [
    { type: 'header', text: { type: 'plain_text', text: cutText(title, headerChars), emoji: false } },
    ...(notice.isTest ? [section(testText, each)] : []),
    ...began.map((incident) => {
      const { title, text, since } = incident;
      return section(`*${plain(title)}*\nSince ${moment(since)}. ${plain(text)}`, each, linkOf(notice, incident));
    }),
    ...ended.map((note) =>
      section(`*Over: ${plain(overTitle(note))}*\n${plain(overText(note))}`, each, linkOf(notice, note)),
    ),
    ...(more === null ? [] : [section(plain(more), each)]),
    { type: 'context', elements: [{ type: 'mrkdwn', text: plain(footer(notice)) + linkTo(overviewOf(notice)) }] },
  ];
  return { text: plain(title), blocks };
}

function section(text: string, most: number, url: string | null = null): Block {
  const { chars, link } = shareOf(most, linkTo(url));
  return { type: 'section', text: { type: 'mrkdwn', text: cutText(text, chars) + link } };
}

const linkTo = (url: string | null) => (url === null ? '' : ` <${encodeURI(url)}|Open in Jira>`);

/** Shown in the reader's time zone. */
const moment = (at: number) => `<!date^${Math.floor(at / 1_000)}^{date_short_pretty} {time}|${utcTime(at)}>`;

/**
 * Text that means nothing to Slack's markup: the three characters that begin its links and mentions as entities, and those of bold,
 * italic and code parted from their word by an invisible joiner.
 */
function plain(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[*_~`]/g, '$&\u2060');
}

/** What Slack's refusals mean (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors). */
export function slackRefusal(_status: number, answer: string): string | null {
  const word = answer.trim();
  const found = Object.entries(refusals).find(([code]) => word.startsWith(code));
  return found === undefined ? null : found[1];
}

const gone = 'Slack no longer knows this webhook. Create a new one in Slack and paste its URL here.';
const refusals: Record<string, string> = {
  no_service: gone,
  no_active_hooks: gone,
  invalid_token: gone,
  no_team: gone,
  user_not_found: gone,
  channel_not_found: 'The channel of this webhook was deleted in Slack. Create a webhook for another channel.',
  channel_is_archived: 'The channel of this webhook is archived in Slack. Create a webhook for another channel.',
  action_prohibited: 'An administrator of Slack does not let this webhook post. Ask them to allow it.',
  posting_to_general_channel_denied:
    'Slack lets only administrators post to this channel. Create a webhook for another one.',
};
