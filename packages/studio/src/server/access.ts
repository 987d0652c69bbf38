import type { IncomingMessage } from "node:http";

/** Who may open a signaling connection. */
export type AccessRules = {
  /**
   * Origins of pages that may connect, `https://app.example`, besides the server's own. Programs that
   * send no Origin are always let in: they could send any.
   */
  readonly allowedOrigins?: readonly string[];
  /**
   * Host names under which the server may be reached. On loopback this is `localhost` and the loopback
   * addresses unless given: a page of another site whose name suddenly points here (DNS rebinding) gets
   * no further. Elsewhere every name will do unless given.
   */
  readonly allowedHosts?: readonly string[];
};

const LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"];

/** The rules for a server that listens on `listenHost`. */
export function rulesFor(listenHost: string, rules: AccessRules): AccessRules {
  const isLoopback = LOOPBACK_HOSTS.includes(listenHost) || listenHost === "::1";
  return isLoopback ? { allowedHosts: LOOPBACK_HOSTS, ...rules } : rules;
}

/** Why `request` is refused, in words, or `undefined` if it is welcome. */
export function refusalOf(request: IncomingMessage, rules: AccessRules): string | undefined {
  const { host, origin } = request.headers;
  const name = hostNameOf(host);
  if (rules.allowedHosts && (name === undefined || !rules.allowedHosts.includes(name))) {
    return `the server is not to be reached as "${name ?? ""}"`;
  }
  if (origin === undefined || rules.allowedOrigins?.includes(origin)) return undefined;
  const isOwn = origin === `http://${host}` || origin === `https://${host}`;
  return isOwn ? undefined : `pages of ${origin} are not allowed to connect`;
}

/** `localhost` of `localhost:7880`; brackets stay around an IPv6 address. */
function hostNameOf(host: string | undefined): string | undefined {
  return host?.replace(/:\d+$/, "").toLowerCase();
}
