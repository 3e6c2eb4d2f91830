//! Slots of a ring over the caller's memory: plain scalars, read and written as the program's slices hold them.
//!
//! A Janus integer crosses as a double while that is exact, and as a block of eight bytes beyond 2^53.

const std = @import("std");
const layout = @import("layout.zig");
const channel = @import("channel.zig");
const runtime_mod = @import("runtime.zig");
const Worker = @import("worker.zig").Worker;
const Runtime = runtime_mod.Runtime;
const Value = runtime_mod.Value;
const Tag = layout.Tag;
const assert = std.debug.assert;

const exact_max = 1 << 53;

/// Whether a value fits an element type; asked before it is sent.
pub fn accepts(element: channel.Element, value: Value) bool {
    return switch (element) {
        .tagged => true,
        .bool => value.tag == Tag.true_ or value.tag == Tag.false_,
        .f32, .f64 => value.tag == Tag.num,
        .u64, .i64 => value.tag == Tag.big or isInteger(value),
        .u8, .i8, .u16, .i16, .u32, .i32 => isInteger(value),
    };
}

fn isInteger(value: Value) bool {
    return value.tag == Tag.num and @abs(value.payload) <= exact_max and @trunc(value.payload) == value.payload;
}

fn slot(rt: *Runtime, comptime T: type, ch: *channel.Channel, position: u64) *T {
    const index: u32 = @intCast(position % ch.capacity);
    return rt.arena.at(T, ch.values + index * @sizeOf(T));
}

/// Consumes the value.
pub fn store(rt: *Runtime, worker: *Worker, ch: *channel.Channel, position: u64, value: Value) void {
    assert(accepts(ch.element, value));
    const bits: u64 = switch (ch.element) {
        .tagged => unreachable,
        .bool => @intFromBool(value.tag == Tag.true_),
        .f64 => @bitCast(value.payload),
        .f32 => @as(u32, @bitCast(@as(f32, @floatCast(value.payload)))),
        else => if (value.tag == Tag.big) blk: {
            const offset = runtime_mod.numberOf(value.payload).?;
            const bits = rt.arena.at(u64, offset).*;
            rt.releaseBlock(worker, offset);
            break :blk bits;
        } else @bitCast(@as(i64, @intFromFloat(value.payload))),
    };
    // Atomic because of the early read in `load`; ordered by the slot's stamp.
    switch (ch.element.bytes()) {
        1 => @atomicStore(u8, slot(rt, u8, ch, position), @truncate(bits), .monotonic),
        2 => @atomicStore(u16, slot(rt, u16, ch, position), @truncate(bits), .monotonic),
        4 => @atomicStore(u32, slot(rt, u32, ch, position), @truncate(bits), .monotonic),
        8 => @atomicStore(u64, slot(rt, u64, ch, position), bits, .monotonic),
        else => unreachable,
    }
}

/// The element's value; null when it needs a block and there is no memory.
pub fn load(rt: *Runtime, worker: *Worker, ch: *channel.Channel, position: u64) ?Value {
    const bits: u64 = switch (ch.element.bytes()) {
        1 => @atomicLoad(u8, slot(rt, u8, ch, position), .monotonic),
        2 => @atomicLoad(u16, slot(rt, u16, ch, position), .monotonic),
        4 => @atomicLoad(u32, slot(rt, u32, ch, position), .monotonic),
        8 => @atomicLoad(u64, slot(rt, u64, ch, position), .monotonic),
        else => unreachable,
    };
    const number: f64 = switch (ch.element) {
        .tagged => unreachable,
        .bool => return .{ .tag = if (bits != 0) Tag.true_ else Tag.false_ },
        .u8, .u16, .u32 => @floatFromInt(bits),
        .i8 => @floatFromInt(@as(i8, @bitCast(@as(u8, @truncate(bits))))),
        .i16 => @floatFromInt(@as(i16, @bitCast(@as(u16, @truncate(bits))))),
        .i32 => @floatFromInt(@as(i32, @bitCast(@as(u32, @truncate(bits))))),
        .f32 => @as(f32, @bitCast(@as(u32, @truncate(bits)))),
        .f64 => @bitCast(bits),
        .u64 => if (bits <= exact_max) @floatFromInt(bits) else return big(rt, worker, bits),
        .i64 => blk: {
            const signed: i64 = @bitCast(bits);
            if (@abs(signed) > exact_max) return big(rt, worker, bits);
            break :blk @floatFromInt(signed);
        },
    };
    return .{ .tag = Tag.num, .payload = number };
}

fn big(rt: *Runtime, worker: *Worker, bits: u64) ?Value {
    const offset = rt.arena.alloc(&worker.arena, 8);
    if (offset == 0) return null;
    rt.arena.at(u64, offset).* = bits;
    return .{ .tag = Tag.big, .payload = @floatFromInt(offset) };
}
