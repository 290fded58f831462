#!/usr/bin/python3
"""GStreamer's RTSP server, for tests: files of FFmpeg's making, paid out as they are.

One argument, JSON: a list of mounts {"path", "launch", "auth": "" | "basic" | "digest", "udp": bool}. Each way of signing in gets a
server of its own on a free port of 127.0.0.1; user and password are "tester" and "sesame". Prints one line, JSON: a port for each way of
signing in. Ends when standard input does.
"""

import json
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402


def new_server(way):
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    if way:
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "viewer")
        auth = GstRtspServer.RTSPAuth()
        if way == "digest":
            auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
            auth.add_digest("tester", "sesame", token)
        else:
            auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
            auth.add_basic(GstRtspServer.RTSPAuth.make_basic("tester", "sesame"), token)
        server.set_auth(auth)
    return server


def new_factory(mount):
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(mount["launch"])
    if mount["udp"]:
        factory.set_protocols(GstRtsp.RTSPLowerTrans.UDP)
    if mount["auth"]:
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("viewer", "media.factory.access", True)
        permissions.add_permission_for_role("viewer", "media.factory.construct", True)
        factory.set_permissions(permissions)
    return factory


def main():
    Gst.init(None)
    loop = GLib.MainLoop()
    servers = {}
    for mount in json.loads(sys.argv[1]):
        way = mount["auth"]
        if way not in servers:
            servers[way] = new_server(way)
        servers[way].get_mount_points().add_factory(mount["path"], new_factory(mount))
    for server in servers.values():
        if server.attach(None) == 0:
            sys.exit("can't listen")
    print(json.dumps({way: server.get_bound_port() for way, server in servers.items()}), flush=True)

    def until_told():
        sys.stdin.read()
        GLib.idle_add(loop.quit)

    threading.Thread(target=until_told, daemon=True).start()
    loop.run()


main()
