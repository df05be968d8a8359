import type { AlertChannelType } from '../../../src/domain/alert';

interface GuideText {
  title: string;
  place: { name: string; url: string } | null;
  steps: readonly string[];
  note: string;
}

/** How each channel is set up on the other side. */
export const guides: Record<AlertChannelType, GuideText> = {
  email: {
    title: 'Alerts by email',
    place: null,
    steps: [
      'Add and enable an outgoing connection under Outgoing mail, if there is none.',
      'Choose it here, and enter who is to be told. A distribution list is fine.',
      'Press Send a test.',
    ],
    note: 'Alert mails are marked as automatic, so that out-of-office replies stay away. One that arrives in a connected mailbox becomes no issue.',
  },
  slack: {
    title: 'Get a webhook from Slack',
    place: { name: 'Slack: your apps', url: 'https://api.slack.com/apps' },
    steps: [
      'Choose Create New App, From scratch; call it Letterbox and choose your workspace.',
      'Open Incoming Webhooks and switch them on.',
      'Choose Add New Webhook to Workspace, and the channel that is to be told.',
      'Copy the webhook URL, which begins with https://hooks.slack.com/services/, and paste it here.',
    ],
    note: 'Whoever knows the URL can post to the channel: Letterbox stores it encrypted and never shows it again.',
  },
  teams: {
    title: 'Get a webhook from Teams',
    place: { name: 'Microsoft Teams', url: 'https://teams.microsoft.com' },
    steps: [
      'In the channel that is to be told, choose … and Workflows.',
      'Choose the template “Send webhook alerts to a channel”.',
      'Give it a name, and choose team and channel. The trigger must be open to anyone.',
      'Copy the URL that the workflow shows and paste it here.',
    ],
    note: 'The workflow belongs to the person who made it: add a co-owner, so that it outlives their account. URLs of the retired Office 365 connectors do not work any more.',
  },
  opsgenie: {
    title: 'Get an API key from Opsgenie',
    place: { name: 'Opsgenie: integrations', url: 'https://app.opsgenie.com/settings/integration/integration-list' },
    steps: [
      'Open Settings, Integrations, and add an API integration; or open your team and add it there.',
      'Let it create and update alerts: that includes closing them.',
      'Switch the integration on, copy its API key and paste it here.',
      'Choose the region of your account: its address is app.opsgenie.com, or app.eu.opsgenie.com.',
    ],
    note: 'Each incident is one alert, which Letterbox closes when it is over. The test is an alert of the lowest priority that is closed at once.',
  },
  webhook: {
    title: 'What your webhook gets',
    place: null,
    steps: [
      'A POST request with JSON, as below, to the URL that you enter: HTTPS, with a certificate that the public trusts.',
      'Answer with a status of 200 to 299 within 10 seconds. Redirects are not followed.',
      'After another answer the alert is sent again, at longer and longer intervals.',
    ],
    note: '“state” is began, over, or replaced (by a worse one of the same connection); “id” stays the same from began to over. “url” is its page in Jira, or null. Fields may be added. Mattermost and Rocket.Chat show “text”.',
  },
};

/** An example of the JSON, as `src/notify/webhook.ts` makes it. */
export const webhookExample = `{
  "app": "letterbox",
  "version": 1,
  "rule": "Operations",
  "test": false,
  "sentAt": "2026-11-20T10:05:00.000Z",
  "title": "Letterbox: “Support” is suspended",
  "text": "…",
  "url": "https://example.atlassian.net/…/settings/alerts",
  "incidents": [
    {
      "id": "connection:5b2f…:2",
      "kind": "suspended",
      "state": "began",
      "subject": "Support",
      "since": "2026-11-20T10:02:11.000Z",
      "title": "“Support” is suspended",
      "text": "The server refused …",
      "url": "https://example.atlassian.net/…/incoming/connections/5b2f…"
    }
  ]
}`;
