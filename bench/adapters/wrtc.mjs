// @roamhq/wrtc: Google's libwebrtc bound to Node.
import wrtc from "@roamhq/wrtc";
import { installedVersion } from "../lib/version.mjs";
import { w3cAdapter } from "./w3c.mjs";

export const adapter = w3cAdapter({
  name: "wrtc",
  version: installedVersion("@roamhq/wrtc"),
  Connection: wrtc.RTCPeerConnection,
  configuration: { iceServers: [] },
});
