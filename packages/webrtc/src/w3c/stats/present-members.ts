/** A dictionary whose members may be given as `undefined`, which says that they are not there. */
export type MaybeMembers<T> = { [Name in keyof T]: T[Name] | undefined };

/**
 * The dictionary without the members that are `undefined`: what is not known "shall not exist"
 * (webrtc-stats, "Guidelines for implementing stats objects").
 */
export function presentMembers<T extends object>(members: MaybeMembers<T>): T {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as T;
}
