//! Addresses of the internet as programs write them (`127.0.0.1:80`, `[::1]:80`) and as the system has them.
//!
//! Numbers only: names are looked up in std/net.jan, which asks through sockets, so that nobody blocks.

const std = @import("std");
const os = std.os.linux;
const assert = std.debug.assert;

/// The longest address as text.
pub const text_max = 64;

/// An address as the system takes and gives it.
pub const Address = struct {
    storage: os.sockaddr.storage = .{ .family = os.AF.UNSPEC },
    bytes: os.socklen_t = @sizeOf(os.sockaddr.storage),

    /// Null when the text is no address with a port.
    pub fn parse(written: []const u8) ?Address {
        const colon = std.mem.findScalarLast(u8, written, ':') orelse return null;
        const port = std.fmt.parseInt(u16, written[colon + 1 ..], 10) catch return null;
        const host = written[0..colon];
        var made: Address = .{};
        if (host.len >= 2 and host[0] == '[' and host[host.len - 1] == ']') {
            const found = std.Io.net.Ip6Address.parse(host[1 .. host.len - 1], port) catch return null;
            made.put(os.sockaddr.in6, .{
                .port = std.mem.nativeToBig(u16, port),
                .flowinfo = 0,
                .addr = found.bytes,
                .scope_id = 0,
            });
        } else {
            const found = std.Io.net.Ip4Address.parse(host, port) catch return null;
            made.put(os.sockaddr.in, .{ .port = std.mem.nativeToBig(u16, port), .addr = @bitCast(found.bytes) });
        }
        return made;
    }

    fn put(self: *Address, comptime T: type, value: T) void {
        const place: *T = @ptrCast(&self.storage);
        place.* = value;
        self.bytes = @sizeOf(T);
    }

    pub fn family(self: *const Address) u32 {
        return self.storage.family;
    }

    pub fn pointer(self: *Address) *os.sockaddr {
        return @ptrCast(&self.storage);
    }

    /// The address as text; empty for one of another family.
    pub fn text(self: *const Address, buffer: *[text_max]u8) []const u8 {
        var writer: std.Io.Writer = .fixed(buffer);
        const known: std.Io.net.IpAddress = switch (self.storage.family) {
            os.AF.INET => known: {
                const in: *const os.sockaddr.in = @ptrCast(&self.storage);
                break :known .{ .ip4 = .{ .bytes = @bitCast(in.addr), .port = std.mem.bigToNative(u16, in.port) } };
            },
            os.AF.INET6 => known: {
                const in: *const os.sockaddr.in6 = @ptrCast(&self.storage);
                break :known .{ .ip6 = .{ .bytes = in.addr, .port = std.mem.bigToNative(u16, in.port) } };
            },
            else => return "",
        };
        known.format(&writer) catch unreachable; // 45 characters, brackets, a port
        return writer.buffered();
    }
};

const testing = std.testing;

test "addresses come back as they were written, and what is none is refused" {
    var buffer: [text_max]u8 = undefined;
    for ([_][]const u8{ "127.0.0.1:80", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:8", "[2001:db8::7]:1" }) |text| {
        const address = Address.parse(text).?;
        try testing.expectEqualStrings(text, address.text(&buffer));
    }
    const longest = "[1111:2222:3333:4444:5555:6666:7777:8888]:65535";
    try testing.expectEqualStrings(longest, Address.parse(longest).?.text(&buffer));
    for ([_][]const u8{
        "", ":", "80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "localhost:80", "1.2.3:80",
        "::1:80", "[::1]", "[::1:80", "[]:80", "1.2.3.4.5:80", "1.2.3.256:80", "[::1]80", "127.0.0.1:80 ",
    }) |text| try testing.expectEqual(null, Address.parse(text));
}
