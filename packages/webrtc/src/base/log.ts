/** How much a record matters. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/**
 * Where the stack reports what happens. The core does not log, it returns events; the driver and the
 * API turn them into records. Shaped so that `console` and the usual loggers fit.
 */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Says nothing. The default. */
export const SILENT_LOGGER: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
};
