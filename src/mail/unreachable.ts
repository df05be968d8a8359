import { AppError } from '../domain/app-error';

/** One text for refused, filtered and forbidden addresses: else it would tell what stands inside our own network. */
export const hostUnreachable = (host: string, port: number, cause?: unknown) =>
  new AppError(
    'host-unreachable',
    'transient',
    `No mail server answers at ${host}, port ${port}. Check host, port and encryption, and that the server accepts connections from the internet.`,
    { step: 'connect', cause },
  );

export const hostNotFound = (host: string, cause?: unknown) =>
  new AppError(
    'host-not-found',
    'transient',
    `The name ${host} was not found. Check the host name of the mail server.`,
    {
      step: 'lookup',
      cause,
    },
  );
