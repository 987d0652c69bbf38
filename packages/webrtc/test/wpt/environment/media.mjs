// `navigator.mediaDevices`: a microphone and a camera that exist only as tracks.
//
// The one place that knows how the package makes a track from a source. As long as the package cannot,
// `getUserMedia` rejects as in a browser without devices. The sources bring no frames yet: nothing in the
// package reads them before RTP media flows.

const LABELS = { audio: "Fake microphone", video: "Fake camera" };
const DEFAULT_SETTINGS = {
  audio: {
    channelCount: 1,
    sampleRate: 48_000,
    sampleSize: 16,
    autoGainControl: true,
    echoCancellation: true,
    noiseSuppression: true,
  },
  video: { width: 640, height: 480, frameRate: 30, aspectRatio: 640 / 480 },
};

/** What goes under `navigator.mediaDevices`; `pallas` is the package's namespace. */
export function createMediaDevices(pallas) {
  return Object.assign(new EventTarget(), {
    getUserMedia: async (constraints = {}) => {
      const kinds = ["audio", "video"].filter((kind) => isAskedFor(constraints[kind]));
      if (kinds.length === 0) {
        throw new TypeError("At least one of audio and video must be requested");
      }
      if (pallas.createMediaStreamTrack === undefined) {
        throw new DOMException("the package has no tracks yet", "NotFoundError");
      }
      return new pallas.MediaStream(
        kinds.map((kind) => createFakeTrack(pallas, kind, constraints[kind])),
      );
    },
    enumerateDevices: async () => [],
  });
}

/**
 * `AudioContext` as some tests use it without asking whether it is there: an oscillator that is connected to
 * a destination with a stream. The stream's track is our microphone; no sound is made.
 */
export function createAudioContextClass(pallas) {
  return class AudioContext {
    createOscillator() {
      return { connect: (destination) => destination, start: () => {}, stop: () => {} };
    }

    createMediaStreamDestination() {
      return { stream: new pallas.MediaStream([createFakeTrack(pallas, "audio", {})]) };
    }
  };
}

function isAskedFor(constraint) {
  return constraint === true || (typeof constraint === "object" && constraint !== null);
}

/** A live track whose settings are what was asked for, where it was asked for. */
function createFakeTrack(pallas, kind, constraint) {
  const { track, controller } = pallas.createMediaStreamTrack({ kind, label: LABELS[kind] });
  const defaults = DEFAULT_SETTINGS[kind];
  const settings = Object.entries(defaults).map(([name, value]) => [
    name,
    readConstraint(constraint[name]) ?? value,
  ]);
  controller.setSettings({ deviceId: `fake-${kind}`, ...Object.fromEntries(settings) });
  return track;
}

function readConstraint(constraint) {
  if (typeof constraint !== "object" || constraint === null) return constraint;
  return constraint.exact ?? constraint.ideal ?? constraint.max ?? constraint.min;
}
