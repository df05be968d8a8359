import { mailboxContract } from '../../contract/mailbox-contract.ts';
import { graphContractServer } from './graph-account.ts';

mailboxContract('Microsoft Graph', graphContractServer());
