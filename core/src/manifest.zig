//! Describes the boundary and writes the TypeScript side of it: every export of abi.zig with its argument and result
//! types, every constant and every layout of layout.zig and fiber.zig. Nothing about the boundary is written twice;
//! both sides carry the hash of the text generated here, and the loader compares them.
//!
//! Generate with `zig build manifest`; a test checks that the committed file is fresh.

const std = @import("std");
const abi = @import("abi.zig");
const layout = @import("layout.zig");
const fiber = @import("fiber.zig");
const arena = @import("arena.zig");
const channel = @import("channel.zig");
const handles = @import("handles.zig");
const oracle = @import("oracle.zig");
const sockets = @import("sockets.zig");
const trace = @import("trace.zig");

const prefix = "janus_";

fn ffiName(comptime T: type) []const u8 {
    return switch (T) {
        u32 => "u32",
        i32 => "i32",
        f64 => "f64",
        ?*anyopaque => "ptr",
        else => @compileError("the boundary has no type " ++ @typeName(T)),
    };
}

/// SCREAMING_CASE of a declaration's name, a trailing underscore dropped.
fn constantName(comptime name: []const u8) []const u8 {
    comptime {
        var upper: [name.len]u8 = undefined;
        for (name, 0..) |c, i| upper[i] = std.ascii.toUpper(c);
        const fixed = upper;
        return if (fixed[name.len - 1] == '_') fixed[0 .. name.len - 1] else &fixed;
    }
}

fn constants(comptime Namespace: type, comptime group: []const u8) []const u8 {
    comptime {
        var text: []const u8 = "";
        for (@typeInfo(Namespace).@"struct".decl_names) |name| {
            text = text ++ std.fmt.comptimePrint(
                "export const {s}_{s} = {d};\n",
                .{ group, constantName(name), @field(Namespace, name) },
            );
        }
        return text;
    }
}

fn enumeration(comptime E: type, comptime group: []const u8) []const u8 {
    comptime {
        var text: []const u8 = "";
        const info = @typeInfo(E).@"enum";
        for (info.field_names, info.field_values) |name, value| {
            text = text ++ std.fmt.comptimePrint(
                "export const {s}_{s} = {d};\n",
                .{ group, constantName(name), value },
            );
        }
        return text;
    }
}

fn offsets(comptime Layout: type, comptime group: []const u8) []const u8 {
    comptime {
        var text: []const u8 = std.fmt.comptimePrint("export const {s}_SIZE = {d};\n", .{ group, @sizeOf(Layout) });
        for (@typeInfo(Layout).@"struct".field_names) |name| {
            text = text ++ std.fmt.comptimePrint(
                "export const {s}_{s} = {d};\n",
                .{ group, constantName(name), @offsetOf(Layout, name) },
            );
        }
        return text;
    }
}

fn number(comptime name: []const u8, comptime value: comptime_int) []const u8 {
    return std.fmt.comptimePrint("export const {s} = {d};\n", .{ name, value });
}

fn functions() []const u8 {
    comptime {
        @setEvalBranchQuota(1_000_000);
        var text: []const u8 = "export const symbols = {\n";
        for (@typeInfo(abi).@"struct".decl_names) |name| {
            if (!std.mem.startsWith(u8, name, prefix)) continue;
            const info = @typeInfo(@TypeOf(@field(abi, name))).@"fn";
            var arguments: []const u8 = "";
            for (info.param_types, 0..) |T, i| {
                arguments = arguments ++ (if (i > 0) ", " else "") ++ "\"" ++ ffiName(T.?) ++ "\"";
            }
            text = text ++ "  " ++ name ++ ": { args: [" ++ arguments ++ "], returns: \"" ++
                ffiName(info.return_type.?) ++ "\" },\n";
        }
        return text ++ "} as const;\n";
    }
}

/// Everything but the hash.
fn body() []const u8 {
    comptime {
        @setEvalBranchQuota(1_000_000);
        return "// Statuses of operations.\n" ++ constants(layout.Status, "STATUS") ++
            "\n// Events of janus_next.\n" ++ constants(layout.Event, "EVENT") ++
            "\n// Tags of values.\n" ++ constants(layout.Tag, "TAG") ++
            "\n// Flags, outcomes, reasons, kinds of select cases.\n" ++ constants(layout.Flag, "FLAG") ++
            constants(layout.Outcome, "OUTCOME") ++ constants(layout.CancelReason, "REASON") ++
            constants(layout.CancelCause, "CAUSE") ++
            constants(layout.SelectKind, "SELECT") ++ constants(layout.BudgetKind, "BUDGET") ++
            "\n// A fiber record: its size, and each field's offset in bytes.\n" ++ offsets(fiber.Fiber, "FIBER") ++
            "\n// Low four bits of FIBER_STATE.\n" ++ enumeration(fiber.State, "STATE") ++
            "\n// FIBER_WAITERS of a finished fiber.\n" ++ number("WAITERS_DONE", fiber.waiters_done) ++
            "\n// FIBER_WAIT_KIND.\n" ++ enumeration(fiber.Wait, "WAIT") ++
            "\n// Atomics, and what a ring's slots hold.\n" ++ enumeration(@import("sync.zig").AtomicOp, "ATOMIC") ++
            enumeration(@import("atomics.zig").Ordering, "ORDER") ++
            enumeration(channel.Element, "ELEMENT") ++ enumeration(channel.Info, "INFO") ++
            "\n// Functions of janus_native.\n" ++ enumeration(@import("files.zig").Function, "NATIVE") ++
            "\n// Sockets.\n" ++ enumeration(sockets.Kind, "SOCKET") ++ enumeration(sockets.Mode, "READ") ++
            enumeration(sockets.Change, "CHANGE") ++
            "\n// A worker's area.\n" ++ offsets(layout.Area, "AREA") ++
            "\n// A select case in the area.\n" ++ offsets(layout.SelectCase, "CASE") ++
            "\n// A failed child, in the arena.\n" ++ offsets(@import("nursery.zig").FailureNode, "FAILURE") ++
            "\n// The schedule of a seeded run: kinds of choices, and one choice.\n" ++
            enumeration(oracle.Kind, "CHOICE_KIND") ++ offsets(oracle.Choice, "CHOICE") ++
            "\n// A block's header, before its payload.\n" ++ offsets(arena.Header, "HEADER") ++
            "\n// Bounds.\n" ++ number("FIBER_CAPACITY", fiber.capacity) ++
            number("HANDLE_INDEX_BITS", handles.index_bits) ++ number("HANDLE_TASK_BIT", handles.task_bit) ++
            number("HANDLE_GENERATION_BITS", handles.generation_bits) ++
            number("SELECT_CASES_MAX", layout.select_cases_max) ++ number("SCRATCH_BYTES", layout.scratch_bytes) ++
            number("WORKERS_MAX", layout.workers_max) ++ number("GLOBALS_MAX", layout.globals_max) ++
            number("PACK_MAX", layout.pack_max) ++ number("CHANNEL_SLOT_BYTES", @sizeOf(channel.Slot)) ++
            number("CHANNEL_CAPACITY_MAX", channel.capacity_max) ++
            "\n// Records of a trace.\n" ++ offsets(trace.Record, "RECORD") ++ enumeration(trace.Kind, "TRACE") ++
            enumeration(trace.Why, "WHY") ++
            "\n// The table for bun:ffi's dlopen.\n" ++ functions();
    }
}

/// FNV-1a of the generated text.
pub fn hash() u32 {
    comptime {
        @setEvalBranchQuota(10_000_000);
        var h: u32 = 0x811c9dc5;
        for (body()) |byte| h = (h ^ byte) *% 0x01000193;
        return h;
    }
}

pub const generated = "// Generated from core/src/manifest.zig by `zig build manifest`: do not edit.\n\n" ++
    std.fmt.comptimePrint("/** What `janus_abi_hash` must give. */\nexport const ABI_HASH = {d};\n\n", .{hash()}) ++
    body();
