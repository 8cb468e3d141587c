#!/usr/bin/env python3
"""What a screen reader sees of a program: the tree that its toolkit publishes on the accessibility bus (AT-SPI 2).

usage: accessible.py [NAME]     prints the trees of all programs, or of those with NAME in their names

Needs python3-gi, and at-spi2-core on a session bus (dbus-run-session). Nothing is cached: each question is asked anew.
"""
import sys

from gi.repository import Gio, GLib

ACCESSIBLE = "org.a11y.atspi.Accessible"
ROOT = "/org/a11y/atspi/accessible/root"
REGISTRY = "org.a11y.atspi.Registry"
# Bits of the state, as the protocol numbers them. GTK 4.8 says of windows alone that they are showing.
CHECKED, SENSITIVE, VISIBLE = 4, 24, 30


class Gone(Exception):
    """It was there a moment ago."""


def connect():
    """The accessibility bus, whose address the session bus knows."""
    session = Gio.bus_get_sync(Gio.BusType.SESSION)
    address, = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None,
                                 Gio.DBusCallFlags.NONE, 30000).unpack()
    flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
    return Gio.DBusConnection.new_for_address_sync(address, flags, None, None)


class Node:
    """One object of the tree."""

    def __init__(self, bus, name, path):
        self.bus, self.name, self.path = bus, name, path

    def call(self, interface, method, arguments=None):
        try:
            return self.bus.call_sync(self.name, self.path, interface, method, arguments, None,
                                      Gio.DBusCallFlags.NONE, 30000).unpack()
        except GLib.Error as error:
            raise Gone(f"{method} of {self.path}: {error.message}") from None

    def ask(self, name, interface=ACCESSIBLE):
        return self.call("org.freedesktop.DBus.Properties", "Get", GLib.Variant("(ss)", (interface, name)))[0]

    @property
    def text(self):
        return self.ask("Name")

    @property
    def description(self):
        return self.ask("Description")

    @property
    def role(self):
        return self.call(ACCESSIBLE, "GetRoleName")[0]

    def has_state(self, bit):
        low, high = self.call(ACCESSIBLE, "GetState")[0]
        return bool((low | high << 32) >> bit & 1)

    @property
    def children(self):
        return [Node(self.bus, name, path) for name, path in self.call(ACCESSIBLE, "GetChildren")[0]]

    @property
    def extents(self):
        """x, y, width and height, within the window."""
        return self.call("org.a11y.atspi.Component", "GetExtents", GLib.Variant("(u)", (1,)))[0]

    def can(self, interface):
        return f"org.a11y.atspi.{interface}" in self.call(ACCESSIBLE, "GetInterfaces")[0]

    def write(self, text):
        """Has an entry have this text."""
        arguments = GLib.Variant("(s)", (text,))
        assert self.call("org.a11y.atspi.EditableText", "SetTextContents", arguments)[0], self.text

    def do(self, index=0):
        """What a click does."""
        assert self.call("org.a11y.atspi.Action", "DoAction", GLib.Variant("(i)", (index,)))[0], self.text

    def shown(self, condition=None):
        """All below it that is shown, itself first, in the order in which it is read."""
        try:
            if self.path != ROOT and not self.has_state(VISIBLE):
                return
            if condition is None or condition(self):
                yield self
            for child in self.children:
                yield from child.shown(condition)
        except Gone:
            pass

    def find(self, text, role=None):
        """The first that is shown with this name (and this role), or None."""
        return next(self.shown(lambda node: node.text == text and role in (None, node.role)), None)

    def find_part(self, part, role=None):
        """The same with this part of its name."""
        return next(self.shown(lambda node: part in node.text and role in (None, node.role)), None)

    def texts(self):
        """The names of all that is shown below it, without those that have none."""
        return [text for text in (node.text for node in self.shown()) if text]

    def print(self, depth=0):
        state = "" if self.has_state(VISIBLE) else " (hidden)"
        description = f" [{self.description}]" if self.description else ""
        print(f"{'  ' * depth}{self.role} \"{self.text}\"{description}{state}")
        for child in self.children:
            child.print(depth + 1)


def programs(bus):
    return Node(bus, REGISTRY, ROOT).children


def main():
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    bus = connect()
    for program in programs(bus):
        if wanted in program.text:
            program.print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
