import type { AccountKindTexts } from '../account/texts';
import { providerTexts } from './texts';

/** What the form of an outgoing connection says beside what all forms of connections do. */
export const formTexts = {
  addTitle: 'Add outgoing connection',
  editTitle: 'Edit outgoing connection',
  testedHint: 'The connection was tested and works.',

  senderSection: 'Sender',
  projectsSection: 'Projects',

  fromName: 'From name',
  fromNameHint: 'What people see beside the address, such as Example Support.',
  fromAddress: 'From email address',
  fromAddressHint: 'The account must be allowed to send as this address.',
  prefix: 'Email prefix',
  prefixHint: 'Put before the subject of each mail, such as [Support].',
  projects: 'Default for projects',
  projectsHint: 'Mail from the issues of these projects goes out here unless somebody chooses otherwise.',
} as const;

export const accountTexts: AccountKindTexts = {
  section: 'Mail server',
  mailboxHint: 'The address of the mailbox that sends. The application needs no sign-in; access is checked at once.',
  useShared: 'Send as a shared mailbox',
  useSharedHint: 'A mailbox that the account which signs in may send as. It must be the From address, too.',
  access: 'Access to the account',
  connected: 'Is this the account that shall send mail?',
  connectedOther: (before) => `So far this connection sends as ${before}. Is this the account that shall send mail?`,
};

export const providerChoices = Object.entries(providerTexts).map(([value, label]) => ({ value, label }));
