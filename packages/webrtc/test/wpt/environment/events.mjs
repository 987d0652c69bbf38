// The two event classes that a page has and Node's main realm lacks.

/** https://html.spec.whatwg.org/multipage/webappapis.html#errorevent, as far as a harness reads it. */
export class ErrorEvent extends Event {
  constructor(type, { error = undefined, message = "", filename = "", ...init } = {}) {
    super(type, init);
    this.error = error;
    this.message = message;
    this.filename = filename;
    this.lineno = 0;
    this.colno = 0;
  }
}

/** https://html.spec.whatwg.org/multipage/webappapis.html#promiserejectionevent. */
export class PromiseRejectionEvent extends Event {
  constructor(type, { promise, reason, ...init }) {
    super(type, init);
    this.promise = promise;
    this.reason = reason;
  }
}
