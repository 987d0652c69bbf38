/** The control protocol of this folder (RFC 8832 §8.1). */
export const PPID_DCEP = 50;
/** UTF-8 text (RFC 8831 §8). */
export const PPID_STRING = 51;
/** A part of a binary message that another part follows. Deprecated: received, never sent. */
export const PPID_BINARY_PARTIAL = 52;
/** Binary data. */
export const PPID_BINARY = 53;
/** A part of a text message that another part follows. Deprecated: received, never sent. */
export const PPID_STRING_PARTIAL = 54;
/** A text message of no bytes. SCTP cannot carry one, so one byte travels that means nothing. */
export const PPID_STRING_EMPTY = 56;
/** A binary message of no bytes, likewise. */
export const PPID_BINARY_EMPTY = 57;
