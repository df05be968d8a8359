const expired = 'certificate-expired';
const untrusted = 'certificate-untrusted';

const untrustedMessage =
  'The certificate of the mail server is not signed by an authority that is trusted. If the server uses a private authority, paste its certificate under "Private CA".';

const problems: Record<string, { code: string; message: string }> = {
  CERT_HAS_EXPIRED: {
    code: expired,
    message: 'The certificate of the mail server has expired. It has to be renewed on the server.',
  },
  CERT_NOT_YET_VALID: {
    code: expired,
    message: 'The certificate of the mail server is not valid yet. Check the clock and the certificate of the server.',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    code: 'certificate-name',
    message:
      'The certificate of the mail server was made for another name. Enter the host name that the certificate names.',
  },
};

const untrustedCodes = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'CERT_REVOKED',
  'INVALID_CA',
]);

/** What is wrong with a server's certificate, by the code that Node gives the error; undefined for other errors. */
export function certificateProblem(nodeCode: string): { code: string; message: string } | undefined {
  return untrustedCodes.has(nodeCode) ? { code: untrusted, message: untrustedMessage } : problems[nodeCode];
}
