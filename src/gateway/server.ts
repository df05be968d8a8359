import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { type Answers, jobAnswers } from './answers';
import type { GatewayConfig } from './config';
import { watchConnections } from './connections';
import { diagnosisRoutes } from './diagnosis-routes';
import { invocationVerifier, TokenRefused } from './invocation-token';
import { heldBytes, type LedgerRow, newLedger, openRow } from './ledger';
import { type LogStream, loggerOptions } from './logging';
import { gatewayMetrics } from './metrics';
import { mailboxRoutes, mailerRoutes } from './routes';
import { dynamicShares } from './shares';
import { type SigningKeys, signingKeys } from './signing-keys';
import { httpRow, ledgerRows, startThreads, type Threads } from './threads';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent the request, from its verified token; empty where none is needed. */
    installationId: string;
    /** The code of the error that the answer holds; empty when it holds a value. */
    outcome: string;
    /** Keeps the request's place after its connection has ended, until the result is called. */
    keepPlace(): () => void;
  }
}

/** Bytes of a request: settings with a private CA, and 500 handles. */
const bodyBytes = 1024 * 1024;
/** Milliseconds for a client to read its answer, beyond the time that the request may take to arrive and to be worked on. */
const answerSlackMs = 30_000;
/** Milliseconds between two looks at requests that arrive too slowly. */
const slowRequestsMs = 5_000;

export interface Gateway {
  /** Ready to `listen`. `close` waits for the requests at work, and says goodbye to the mail servers. */
  app: FastifyInstance;
  /**
   * Tells balancers and clients of the end, so that none loses a request when `close` follows.
   * @param delayMs new requests are taken for so long, while `/readyz` sends balancers elsewhere
   */
  drain(delayMs: number): Promise<void>;
}

/** @param entry the program that threads run (see main.ts) */
export function buildGateway(config: GatewayConfig, entry: URL, logStream?: LogStream): Gateway {
  const requestMs = config.requestSeconds * 1_000;
  const headMs = Math.min(config.headSeconds * 1_000, requestMs);
  const app = Fastify({
    logger: loggerOptions(config.logLevel, logStream),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyBytes,
    forceCloseConnections: 'idle',
    // Whoever sent a request on an open connection did not know yet that the gateway is about to end.
    return503OnClosing: false,
    keepAliveTimeout: config.keepAliveSeconds * 1_000,
    // By default a request may take for ever to arrive, and keeps its place meanwhile.
    requestTimeout: requestMs,
    http: { connectionsCheckingInterval: slowRequestsMs, headersTimeout: headMs },
  });
  const connections = watchConnections(app.server, {
    connections: config.connections,
    headMs,
    idleMs: config.keepAliveSeconds * 1_000,
    answerMs: 2 * requestMs + answerSlackMs,
  });
  const metrics = gatewayMetrics();
  const ledger = newLedger(ledgerRows(config));
  const memoryLimits = {
    bytes: config.memoryMb * 1024 * 1024,
    bytesPerInstallation: config.memoryMbPerInstallation * 1024 * 1024,
  };
  const threads = startThreads({
    config,
    ledger,
    entry,
    onMailBytes: metrics.mailBytes,
    onEnd: ({ reason, jobs, cause }) => app.log.error({ reason, jobs, err: cause }, 'thread ended'),
  });

  const keys = signingKeys(config.jwksUrl, (failure) => {
    if (failure !== null) app.log.warn({ err: failure }, 'the keys of invocation tokens could not be fetched');
  });
  const answers = jobAnswers(threads, config.answerSeconds * 1_000);

  app.decorateRequest('installationId', '');
  app.decorateRequest('outcome', '');
  app.decorateRequest('keepPlace', () => () => {});
  let isClosing = false;
  app.addHook('preClose', async () => {
    isClosing = true;
  });
  app.addHook('onSend', async (_request, reply) => {
    if (connections.isDraining()) reply.header('connection', 'close');
  });
  app.addHook('onClose', async () => {
    // A mail that is being sent, or a message that is being moved, of a client that waits with a ticket or is gone.
    await answers.effectsDone();
    await threads.close();
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    const outcome = request.outcome || (reply.statusCode < 400 ? 'ok' : `http-${reply.statusCode}`);
    metrics.request(route, outcome, reply.elapsedTime / 1_000);
    const fields = {
      route,
      status: reply.statusCode,
      outcome,
      ms: Math.round(reply.elapsedTime),
      installation: request.installationId,
    };
    request.log.info(fields, 'request');
    // A client that keeps its connection open would keep a gateway from ending that only waited for this answer.
    if (isClosing) setImmediate(() => app.server.closeIdleConnections());
  });
  app.setErrorHandler((error, request, reply) => refuse(error, request, reply));
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'There is nothing here.' }));

  // It is alive also while it ends: whoever restarts what is not would cut the requests at work.
  app.get('/healthz', (_request, reply) => reply.send({ status: 'ok' }));
  app.get('/readyz', (_request, reply) => {
    if (connections.isDraining()) return reply.code(503).send({ status: 'closing' });
    return keys.areKnown() ? reply.send({ status: 'ready' }) : reply.code(503).send({ status: 'without keys' });
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4').send(metrics.text(await threads.counts(), heldBytes(ledger))),
  );
  app.register(
    async (scope) => {
      guardRequests(scope, config, keys, threads, answers, openRow(ledger, httpRow, memoryLimits));
      scope.register(async (mailbox) => mailboxRoutes(mailbox, answers), { prefix: '/mailbox' });
      scope.register(async (mailer) => mailerRoutes(mailer, answers), { prefix: '/mailer' });
      scope.register(async (diagnosis) => diagnosisRoutes(diagnosis), { prefix: '/diagnosis' });
    },
    { prefix: '/v1' },
  );
  return { app, drain: connections.drain };
}

/** Serves only who carries a valid token, and only so many at a time, and of so many bytes: in all, and of one installation. */
function guardRequests(
  scope: FastifyInstance,
  config: GatewayConfig,
  keys: SigningKeys,
  threads: Threads,
  answers: Answers,
  { memoryOf }: LedgerRow,
): void {
  const verify = invocationVerifier(config, keys);
  const shares = dynamicShares(config.requests, config.requestsPerInstallation);
  const awaited = awaitedPlaces(answers);
  scope.addHook('onRequest', async (request, reply) => {
    const { installationId } = await verify(request.headers.authorization);
    request.installationId = installationId;
    // Gone meanwhile: its end was told already, so nobody would ever give its place back.
    if (reply.raw.destroyed) return reply.hijack();
    const giveBack = awaited(request) ?? shares.take(installationId);
    if (giveBack === null) return turnAway(reply, 'Too many requests at a time.');
    const memory = memoryOf(threads.slotOf(installationId));
    const bytes = announcedBytes(request);
    try {
      memory.take(bytes);
    } catch {
      giveBack();
      return turnAway(reply, 'Too many bytes at a time.');
    }
    let holders = 0;
    request.keepPlace = () => {
      holders += 1;
      let isDone = false;
      return () => {
        if (isDone) return;
        isDone = true;
        holders -= 1;
        if (holders > 0) return;
        giveBack();
        memory.give(bytes);
      };
    };
    reply.raw.once('close', request.keepPlace());
    return undefined;
  });
}

/**
 * Whoever comes for a job that goes on uses the place that the job has: where all are taken, no answer could be fetched any more.
 * Of several that come with one ticket the others take places of their own.
 */
function awaitedPlaces(answers: Answers): (request: FastifyRequest) => (() => void) | null {
  const tickets = new Set<string>();
  return (request) => {
    const ticket = String(Reflect.get(Object(request.query), 'ticket'));
    if (!answers.isAwaited(request) || tickets.has(ticket)) return null;
    tickets.add(ticket);
    return () => void tickets.delete(ticket);
  };
}

const turnAway = (reply: FastifyReply, error: string) => reply.code(429).header('retry-after', '5').send({ error });

/** What the body of a request may take; all that it may be at most where it does not say. */
function announcedBytes({ headers, routeOptions }: FastifyRequest): number {
  const most = routeOptions.bodyLimit ?? bodyBytes;
  const length = Number(headers['content-length'] ?? most);
  return Number.isInteger(length) ? Math.min(Math.max(length, 0), most) : most;
}

function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof TokenRefused) {
    request.log.warn({ err: error.cause }, 'token refused');
    return reply.code(error.status).send({ error: error.message, fault: error.fault, at: Date.now() });
  }
  const status: unknown = Reflect.get(Object(error), 'statusCode');
  if (typeof status === 'number' && status >= 400 && status < 500)
    return reply.code(status).send({ error: 'The request is malformed or too large.' });
  request.log.error({ err: error }, 'bug');
  return reply.code(500).send({ error: 'The gateway failed.' });
}
