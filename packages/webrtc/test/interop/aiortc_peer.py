"""One aiortc peer, driven by JSON lines: commands in, answers and events out (see peer-script.ts)."""

import asyncio
import base64
import json
import sys

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.sdp import candidate_from_sdp


def write(line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def report(kind, **fields):
    write({"event": {"kind": kind, **fields}})


class Peer:
    def __init__(self):
        self.connection = None
        self.channels = []

    def watch(self, data_channel):
        channel = len(self.channels)
        self.channels.append(data_channel)

        @data_channel.on("open")
        def on_open():
            report("open", channel=channel)

        @data_channel.on("close")
        def on_close():
            report("closed", channel=channel)

        @data_channel.on("message")
        def on_message(data):
            if isinstance(data, str):
                report("message", channel=channel, text=data)
            else:
                report("message", channel=channel, base64=base64.b64encode(data).decode())

        return channel

    async def start(self, configuration=None):
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        connection = self.connection
        if "--new-form" in sys.argv:
            # By default it offers "m=application 9 DTLS/SCTP 5000", as drafts of RFC 8841 had it.
            connection._sctpLegacySdp = False

        @connection.on("connectionstatechange")
        def on_connection_state():
            report("connectionState", state=connection.connectionState)

        @connection.on("iceconnectionstatechange")
        def on_ice_state():
            report("iceState", state=connection.iceConnectionState)

        @connection.on("datachannel")
        def on_channel(data_channel):
            channel = self.watch(data_channel)
            report(
                "channel",
                channel=channel,
                label=data_channel.label,
                protocol=data_channel.protocol,
                ordered=data_channel.ordered,
                maxRetransmits=data_channel.maxRetransmits,
                maxPacketLifeTime=data_channel.maxPacketLifeTime,
            )
            # aiortc raises no "open" for channels that the other side has made.
            if data_channel.readyState == "open":
                report("open", channel=channel)

    async def createChannel(self, label, init=None):
        data_channel = self.connection.createDataChannel(label, **(init or {}))
        channel = self.watch(data_channel)
        # A negotiated one is open before anybody could have listened.
        if data_channel.readyState == "open":
            report("open", channel=channel)
        return channel

    async def addTransceiver(self, kind):
        self.connection.addTransceiver(kind)
        return len(self.connection.getTransceivers()) - 1

    async def describe(self, type, gather):
        # aiortc gathers within setLocalDescription and knows no trickling.
        make = self.connection.createOffer if type == "offer" else self.connection.createAnswer
        await self.connection.setLocalDescription(await make())
        return {"type": type, "sdp": self.connection.localDescription.sdp}

    async def accept(self, type, sdp):
        await self.connection.setRemoteDescription(RTCSessionDescription(sdp=sdp, type=type))

    async def addCandidate(self, candidate, sdpMid=None, sdpMLineIndex=None, usernameFragment=None):
        if candidate == "":
            return
        parsed = candidate_from_sdp(candidate.split(":", 1)[1])
        parsed.sdpMid = sdpMid
        parsed.sdpMLineIndex = sdpMLineIndex
        await self.connection.addIceCandidate(parsed)

    async def send(self, channel, text=None, base64=None):
        data = text if base64 is None else decode(base64)
        self.channels[channel].send(data)

    async def closeChannel(self, channel):
        self.channels[channel].close()

    async def channelId(self, channel):
        return self.channels[channel].id

    async def close(self):
        await self.connection.close()


def decode(text):
    return base64.b64decode(text)


async def do(peer, command):
    try:
        result = await getattr(peer, command["method"])(**command["params"])
        write({"id": command["id"], "result": result})
    except Exception as error:  # The test decides what a refusal means.
        write({"id": command["id"], "error": f"{type(error).__name__}: {error}"})


async def main():
    reader = asyncio.StreamReader(limit=16 * 1024 * 1024)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    peer = Peer()
    tasks = set()
    while line := await reader.readline():
        task = asyncio.create_task(do(peer, json.loads(line)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


asyncio.run(main())
