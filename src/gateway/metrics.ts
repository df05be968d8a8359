/** Counters of the gateway in Prometheus' text form. No label names a customer, a host or an address. */
export interface Metrics {
  /** A request ended; `outcome` is `ok`, the code of an error, or an HTTP status. */
  request(route: string, outcome: string, seconds: number): void;
  /** Raw mail that went out. */
  mailBytes(bytes: number): void;
  text(sessions: { idle: number; busy: number; opened: number }, heldBytes: number): string;
}

export function gatewayMetrics(): Metrics {
  const requests = new Map<string, number>();
  const durations = new Map<string, { count: number; seconds: number }>();
  let bytes = 0;

  return {
    request(route, outcome, seconds) {
      const labels = `route="${route}",outcome="${outcome}"`;
      requests.set(labels, (requests.get(labels) ?? 0) + 1);
      const duration = durations.get(route) ?? { count: 0, seconds: 0 };
      durations.set(route, { count: duration.count + 1, seconds: duration.seconds + seconds });
    },
    mailBytes(more) {
      bytes += more;
    },
    text({ idle, busy, opened }, heldBytes) {
      return [
        '# HELP letterbox_gateway_requests_total Requests by route and outcome.',
        '# TYPE letterbox_gateway_requests_total counter',
        ...[...requests].map(([labels, count]) => `letterbox_gateway_requests_total{${labels}} ${count}`),
        '# HELP letterbox_gateway_request_seconds Time that requests took.',
        '# TYPE letterbox_gateway_request_seconds summary',
        ...[...durations].flatMap(([route, { count, seconds }]) => [
          `letterbox_gateway_request_seconds_sum{route="${route}"} ${seconds.toFixed(3)}`,
          `letterbox_gateway_request_seconds_count{route="${route}"} ${count}`,
        ]),
        '# HELP letterbox_gateway_sessions Sessions with mail servers.',
        '# TYPE letterbox_gateway_sessions gauge',
        `letterbox_gateway_sessions{state="idle"} ${idle}`,
        `letterbox_gateway_sessions{state="busy"} ${busy}`,
        '# HELP letterbox_gateway_sessions_opened_total Sessions that were opened; as many as requests when there is no room to keep them.',
        '# TYPE letterbox_gateway_sessions_opened_total counter',
        `letterbox_gateway_sessions_opened_total ${opened}`,
        '# HELP letterbox_gateway_held_bytes Mail and answers that are held now; see GATEWAY_MEMORY_MB.',
        '# TYPE letterbox_gateway_held_bytes gauge',
        `letterbox_gateway_held_bytes ${heldBytes}`,
        '# HELP letterbox_gateway_mail_bytes_total Raw mail that was handed on.',
        '# TYPE letterbox_gateway_mail_bytes_total counter',
        `letterbox_gateway_mail_bytes_total ${bytes}`,
        '',
      ].join('\n');
    },
  };
}
