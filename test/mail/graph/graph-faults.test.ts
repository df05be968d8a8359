import { httpFaultRows } from '../http-faults';
import { address, setUpGraph } from './graph-set-up';

httpFaultRows('Microsoft Graph', {
  start: async (context, timeoutMs) => {
    const { microsoft, ...rest } = await setUpGraph(context, { timeoutMs });
    return {
      ...rest,
      faults: microsoft.faults,
      isInPlace: (handle) => microsoft.messages(address).some(({ id, folder }) => id === handle && folder === 'Inbox'),
    };
  },
  newsCall: /messages\/delta\?/,
  rawCall: /\$value/,
  rawIsJson: false,
  deleteCall: /^DELETE /,
});
