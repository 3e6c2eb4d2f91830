//! Texts that all VMs know by one number: names of fields, variants, sites. Interned once, never freed.

const std = @import("std");
const Mutex = @import("mutex.zig").Mutex;
const assert = std.debug.assert;

pub const Texts = struct {
    mutex: Mutex = .{},
    memory: std.heap.ArenaAllocator = .init(std.heap.page_allocator),
    numbers: std.StringHashMapUnmanaged(u32) = .empty,
    texts: std.ArrayList([]const u8) = .empty,

    pub fn deinit(self: *Texts) void {
        self.memory.deinit();
        self.* = undefined;
    }

    /// The text's number, from 0 up; the same text has the same number in every VM.
    pub fn intern(self: *Texts, text: []const u8) error{OutOfMemory}!u32 {
        self.mutex.lock();
        defer self.mutex.unlock();
        if (self.numbers.get(text)) |number| return number;
        const allocator = self.memory.allocator();
        const copy = try allocator.dupe(u8, text);
        const number: u32 = @intCast(self.texts.items.len);
        try self.texts.append(allocator, copy);
        errdefer _ = self.texts.pop();
        try self.numbers.put(allocator, copy, number);
        return number;
    }

    pub fn get(self: *Texts, number: u32) ?[]const u8 {
        self.mutex.lock();
        defer self.mutex.unlock();
        return if (number < self.texts.items.len) self.texts.items[number] else null;
    }
};

const testing = std.testing;

test "the same text gets the same number" {
    var texts: Texts = .{};
    defer texts.deinit();
    const a = try texts.intern("alpha");
    const b = try texts.intern("beta");
    try testing.expect(a != b);
    try testing.expectEqual(a, try texts.intern("alpha"));
    try testing.expectEqualStrings("beta", texts.get(b).?);
    try testing.expectEqual(null, texts.get(2));
}
