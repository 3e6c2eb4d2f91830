//! Gathers the tests of every file of the core. A file is tested when it stands here, lowest layer first.

test {
    _ = @import("abi.zig");
}
