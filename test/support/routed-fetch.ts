/** A `fetch` that reaches local servers under their public host names, and nothing else: like the platform's egress gate. */
export function routedFetch(hosts: Record<string, string>): typeof globalThis.fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const server = hosts[url.host];
    if (url.protocol !== 'https:' || server === undefined)
      throw new TypeError(`Egress to ${url.origin} is not allowed.`);
    return fetch(new URL(url.pathname + url.search, server), init);
  };
}
