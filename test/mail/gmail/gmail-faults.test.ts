import { httpFaultRows } from '../http-faults';
import { address, setUpGmail } from './gmail-set-up';

httpFaultRows('Gmail', {
  start: async (context, timeoutMs) => {
    const { google, ...rest } = await setUpGmail(context, { timeoutMs });
    return {
      ...rest,
      faults: google.faults,
      isInPlace: (handle) => google.labelsOf(address, handle)?.includes('INBOX') ?? false,
    };
  },
  newsCall: /\/history\?/,
  rawCall: /^POST \/batch\//,
  rawIsJson: true,
  deleteCall: /batchModify|\/modify/,
});
