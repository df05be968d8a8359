import { mailboxContract } from '../../contract/mailbox-contract';
import { graphContractServer } from './graph-account';

mailboxContract('Microsoft Graph', graphContractServer());
