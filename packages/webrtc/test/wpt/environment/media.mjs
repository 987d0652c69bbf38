// `navigator.mediaDevices`: a microphone and a camera that exist only as tracks.
//
// The one place that knows how the package makes a track from a source. As long as the package has no
// `MediaStream`, `getUserMedia` rejects as in a browser without devices.

/** What goes under `navigator.mediaDevices`; `pallas` is the package's namespace. */
export function createMediaDevices(pallas) {
  return Object.assign(new EventTarget(), {
    getUserMedia: async (constraints = {}) => {
      const kinds = ["audio", "video"].filter((kind) => isAskedFor(constraints[kind]));
      if (kinds.length === 0)
        throw new TypeError("At least one of audio and video must be requested");
      if (pallas.MediaStream === undefined) {
        throw new DOMException("the package has no tracks yet", "NotFoundError");
      }
      return new pallas.MediaStream(
        kinds.map((kind) => createFakeTrack(pallas, kind, constraints[kind])),
      );
    },
    enumerateDevices: async () => [],
  });
}

function isAskedFor(constraint) {
  return constraint === true || (typeof constraint === "object" && constraint !== null);
}

/** A live track of `kind` whose source produces nothing by itself. */
function createFakeTrack() {
  throw new DOMException("the package has no way to make a track yet", "NotFoundError");
}
