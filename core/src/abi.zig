//! The boundary: the only file of the core with exported functions. They translate and decide nothing.

/// The version of the boundary. The loader compares it with the one its bindings were generated from.
pub const version: u32 = 1;

export fn janus_version() callconv(.c) u32 {
    return version;
}
