import { mailboxContract } from '../../contract/mailbox-contract.ts';
import { gmailContractServer } from './gmail-account.ts';

mailboxContract('Gmail', gmailContractServer());
