export type { ChannelEvent, ChannelInit, ChannelKey } from "../datachannel/channel-events.ts";
