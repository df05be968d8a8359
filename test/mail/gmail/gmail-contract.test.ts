import { mailboxContract } from '../../contract/mailbox-contract';
import { gmailContractServer } from './gmail-account';

mailboxContract('Gmail', gmailContractServer());
